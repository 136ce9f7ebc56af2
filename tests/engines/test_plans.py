"""Real plans of real clips, run on real engines: what all the rest is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.constraints import MinSpacing, SameSize, Show
from budgetfit.engines import OpenAIEngine, VLLMEngine
from budgetfit.errors import PromptTooLongError
from tiny_server import TinyServer

pytestmark = pytest.mark.engine

REQUESTS: list[dict[str, Any]] = [
    {},
    {"profile": "cosmos-transfer1"},
    {"prompt": "", "max_tokens": 1, "max_images": 1},
    {"prompt": "Что происходит?\n\n接下来会发生什么？ 🤖", "system_prompt": "Be brief.\n"},
    {"prompt": "Describe every object. " * 1000, "max_model_len": 1024, "max_tokens": 16},
    {"time_labels": True},
    {"time_labels": True, "prompt": "", "max_images": 1},
    {"time_labels": True, "prompt": "When?", "system_prompt": "Be brief.", "max_model_len": 700},
    {"time_labels": True, "constraints": [SameSize(), MinSpacing(0.4), Show(0.5)]},
]


@pytest.mark.parametrize("request_index", range(len(REQUESTS)))
@pytest.mark.parametrize("clip", ["bigbuckbunny", "bikes", "carphone_pristine"])
def test_engine_and_server_count_as_planned(
    clip: str,
    request_index: int,
    package_clips: dict[str, Path],
    engine: VLLMEngine,
    server: TinyServer,
) -> None:
    plan = budgetfit.plan(package_clips[clip], **({"max_tokens": 2} | REQUESTS[request_index]))
    with OpenAIEngine(server.base_url, server.model) as served:
        answers = [plan.run(engine), plan.run(served)]
    for answer in answers:
        assert answer.num_prompt_tokens == plan.num_tokens
        assert 1 <= answer.num_completion_tokens <= plan.limits.max_tokens


def test_a_plan_file_runs_as_the_plan_did(
    package_clips: dict[str, Path], engine: VLLMEngine, tmp_path: Path
) -> None:
    plan = budgetfit.plan(package_clips["bikes"], "what is this?", max_tokens=4)
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    assert loaded.run(engine) == plan.run(engine)


def test_a_plan_for_a_longer_context_is_refused(
    package_clips: dict[str, Path], engine: VLLMEngine
) -> None:
    plan = budgetfit.plan(package_clips["bigbuckbunny"], max_model_len=8192)
    with pytest.raises(PromptTooLongError, match="max_model_len of 4096") as refusal:
        plan.run(engine)
    assert refusal.value.plan is plan


def test_further_clips(clips_dir: Path, engine: VLLMEngine) -> None:
    clips = sorted(path for path in clips_dir.iterdir() if not path.name.startswith("edge_"))
    counted = 0
    for clip in clips:
        if clip.suffix in {".mp4", ".webm", ".gif"}:
            plan = budgetfit.plan(clip, max_tokens=2)
            assert plan.run(engine).num_prompt_tokens == plan.num_tokens, clip.name
            counted += 1
    assert counted, f"no clip in {clips_dir}"
