"""One vLLM engine in this process and one vLLM server beside it, for the whole session."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from budgetfit.engines import VLLMEngine
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, write_tiny_pixtral
from tiny_server import TinyServer, tiny_server

# As torchrun sets them.
ELASTIC_VARIABLES = {
    "RANK": "0",
    "LOCAL_RANK": "0",
    "WORLD_SIZE": "1",
    "LOCAL_WORLD_SIZE": "1",
    "GROUP_RANK": "0",
    "ROLE_RANK": "0",
    "ROLE_WORLD_SIZE": "1",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_USE_AGENT_STORE": "True",
}


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny Pixtral with random weights."""
    return write_tiny_pixtral(tmp_path_factory.mktemp("tiny-pixtral"))


@pytest.fixture(scope="session")
def engine(tiny_model: Path) -> Iterator[VLLMEngine]:
    """Start the engine in an environment as torchrun makes it, and stop it at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TINY_ENGINE_ENV.items():
            patch.setenv(name, value)
        with pytest.MonkeyPatch.context() as elastic, warnings.catch_warnings():
            # vLLM's and torch's own warnings are not ours to fail on.
            warnings.simplefilter("ignore")
            for name, value in ELASTIC_VARIABLES.items():
                elastic.setenv(name, value)
            engine = VLLMEngine(tiny_model, **TINY_ENGINE_ARGS)
            after = {name: os.environ.get(name) for name in ELASTIC_VARIABLES}
        assert after == ELASTIC_VARIABLES, "torch-elastic's variables must be put back"
        yield engine
        engine.close()


@pytest.fixture(scope="session")
def server(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyServer]:
    """Start a server, and stop it at the end."""
    with tiny_server(tiny_model, tmp_path_factory.mktemp("server") / "server.log") as server:
        yield server
