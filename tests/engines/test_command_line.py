"""``--model FOLDER``: vLLM loads the folder's weights and runs plans, with nothing else said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiny_pixtral import TINY_ENGINE_ENV, write_tiny_pixtral
from tiny_weights import write_tiny_weights

pytestmark = pytest.mark.engine

# The command line compiles the model, which takes longer than a few tokens.
NOT_COMPILED = {"TORCHDYNAMO_DISABLE": "1", "VLLM_USE_AOT_COMPILE": "0"}
ASKED = ("--prompt", "What is shown?", "--max-tokens", "6", "--num-processes", "1")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model with weights, as Mistral publishes them."""
    return write_tiny_weights(write_tiny_pixtral(tmp_path_factory.mktemp("weights")))


def test_run_many(model: Path, package_clips: dict[str, Path]) -> None:
    tiny = {k: v for k, v in TINY_ENGINE_ENV.items() if k != "VLLM_ENABLE_V1_MULTIPROCESSING"}
    environment = os.environ | tiny | NOT_COMPILED
    # The command line says how many.
    del environment["OMP_NUM_THREADS"]
    command = [sys.executable, "-m", "budgetfit", "run-many", "--model", str(model), *ASKED]
    clips = [package_clips["bikes"], "missing.mp4", package_clips["carphone_distorted"]]
    done = subprocess.run(
        [*command, *map(str, clips)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    first, missing, last = map(json.loads, done.stdout.splitlines())
    for result in (first, last):
        assert result["error"] is None
        assert result["answer"]["num_prompt_tokens"] == result["plan"]["num_tokens"]
    assert missing["error"]["kind"] == "VideoError"
    assert "budgetfit: error: job 1 (missing.mp4)" in done.stderr
