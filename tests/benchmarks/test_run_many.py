"""The stand-in server counts as the plan does, and clips come in turn."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.run_many.waiting_server import MODEL, num_prompt_tokens, waiting_server
from benchmarks.run_many.ways import repeated

import budgetfit
from budgetfit.engines import OpenAIEngine
from tests.engines.stand_in import make_plan


def test_the_server_counts_pictures_by_their_headers(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], "What?", max_images=3, num_candidates=4)
    num_text_tokens = plan.num_tokens - sum(picture.num_tokens for picture in plan.pictures)
    body = json.dumps({"messages": plan.messages()}).encode()
    assert num_prompt_tokens(body, num_text_tokens) == plan.num_tokens
    with (
        waiting_server(0.0, 2, num_text_tokens) as base_url,
        OpenAIEngine(base_url, MODEL) as engine,
    ):
        assert plan.run(engine).num_prompt_tokens == plan.num_tokens


def test_wide_and_tall_pictures_are_told_apart() -> None:
    plan = make_plan([(640, 32), (32, 640)], "a")
    body = json.dumps(plan.messages()).encode()
    assert num_prompt_tokens(body, 4) == plan.num_tokens


def test_clips_come_in_turn() -> None:
    assert repeated(["a", "b", "c"], 7) == ["a", "b", "c", "a", "b", "c", "a"]
