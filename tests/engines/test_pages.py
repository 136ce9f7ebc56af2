"""The code of README.md and docs/ that asks a model: a tiny one in the place of Pixtral-12B."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import budgetfit
import budgetfit.batch.asking  # before engines are lent: it tells them by their classes
from budgetfit.engines import AsyncOpenAIEngine, VLLMEngine
from budgetfit.profiles import PROFILES
from tests.docs.pages import PAGES, commands, examples, lay_out, needs_engine
from tests.serving.proxies import started as started_proxy
from tests.tiny_embedders import save_siglip
from tiny_server import TinyServer

pytestmark = [
    pytest.mark.engine,
    # The tiny SigLIP's vocabulary is smaller than the ids that transformers' defaults name.
    pytest.mark.filterwarnings("ignore"),
]

# Run on one by tests/ray_data/test_pipeline.py.
ON_A_CLUSTER = {"docs/ray.md"}

ASKING = [
    name
    for name, path in PAGES.items()
    if name not in ON_A_CLUSTER and any(needs_engine(example.parsed) for example in examples(path))
]


PROXY = "http://127.0.0.1:8100/v1"


# What is generated at most, so that a page of many answers takes no minutes.
SHORT = 8


@pytest.fixture(autouse=True)
def short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have profiles keep the same room for the prompt, and next to none for the answer."""
    for name, profile in PROFILES.items():
        room = profile.max_model_len - profile.max_tokens
        short = replace(profile, max_model_len=room + SHORT, max_tokens=SHORT)
        monkeypatch.setitem(PROFILES, name, short)


class Lent:
    """The engine of all tests, which a page cannot close."""

    def __init__(self, engine: VLLMEngine) -> None:
        self.run = engine.run
        self.max_model_len = engine.max_model_len
        self.stream = engine.stream

    def close(self) -> None:
        """Leave it open."""

    def __enter__(self) -> Lent:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it open."""


def here(
    text: str, server: TinyServer, tiny_model: Path, tiny_siglip: Path, checkpoints: Path
) -> str:
    """Return a page whose models and address are those of this machine."""
    for theirs, ours in {
        "/models/Pixtral-12B-2409": str(tiny_model),
        "/checkpoints": str(checkpoints),
        "/models/siglip-base-patch16-224": str(tiny_siglip),
        "http://127.0.0.1:8000/v1": server.base_url,
        '"pixtral"': f'"{server.model}"',
        "--model pixtral": f"--model {server.model}",
    }.items():
        text = text.replace(theirs, ours)
    return text


@pytest.fixture(scope="module")
def tiny_siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("siglip")
    save_siglip(path)
    return path


@pytest.fixture(scope="module")
def proxy(server: TinyServer) -> Iterator[str]:
    with started_proxy(server.base_url) as url:
        yield url


@pytest.mark.parametrize("name", ASKING)
def test_what_asks_a_model_gets_an_answer(
    name: str,
    package_clips: dict[str, Path],
    engine: VLLMEngine,
    server: TinyServer,
    tiny_model: Path,
    tiny_siglip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    started: list[str] = []

    def lend(model: str | os.PathLike[str], **_: Any) -> Lent:
        started.append(os.fspath(model))
        return Lent(engine)

    def lend_many(model: str | os.PathLike[str], **_: Any) -> AsyncOpenAIEngine:
        # The server has vLLM's asynchronous engine inside: one more would take as long to start.
        started.append(os.fspath(model))
        return AsyncOpenAIEngine(server.base_url, server.model)

    monkeypatch.setattr(budgetfit.engines, "VLLMEngine", lend)
    monkeypatch.setattr(budgetfit.engines, "AsyncVLLMEngine", lend_many)
    monkeypatch.setattr("budgetfit.cosmos.upsampler.VLLMEngine", lend)
    monkeypatch.chdir(tmp_path)
    lay_out(name, tmp_path, package_clips)
    page = tmp_path / "page.md"
    text = PAGES[name].read_text(encoding="utf-8")
    if PROXY in text:
        text = text.replace(PROXY, request.getfixturevalue("proxy"))
    upsampler = tmp_path / "checkpoints" / "nvidia" / "Cosmos-UpsamplePrompt1-12B-Transfer"
    upsampler.parent.mkdir(parents=True)
    upsampler.symlink_to(tiny_model, target_is_directory=True)
    text = here(text, server, tiny_model, tiny_siglip, tmp_path / "checkpoints")
    page.write_text(text, encoding="utf-8")
    for example in examples(page):
        if example.region.lexemes["language"] == "python" or needs_engine(example.parsed):
            example.evaluate()
    assert set(started) <= {str(tiny_model), str(upsampler)}


@pytest.mark.parametrize("name", ASKING)
def test_servers_are_started_with_options_that_vllm_has(name: str) -> None:
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    for example in examples(PAGES[name]):
        if example.region.lexemes["language"] not in {"", "sh"}:
            continue
        for words in commands(example.parsed):
            if words[0] != "vllm":
                continue
            parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(words[2:])
            assert (words[1], parsed.tokenizer_mode) == ("serve", "mistral")
