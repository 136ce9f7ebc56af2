"""A row with a video becomes a row with its plan, or with its typed error; no cluster is needed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.errors import TokenMismatchError, UsageError, VideoError
from budgetfit.plans import Plan
from budgetfit.ray_data import PlanStage, answer_row, request_row

PROMPT = "Describe the scene."


@pytest.fixture(scope="module")
def clip(package_clips: dict[str, Path]) -> Path:
    return package_clips["bikes"]


@pytest.fixture(scope="module")
def row(clip: Path) -> dict[str, Any]:
    """What the stage makes of a row as ``read_binary_files`` gives it, after Ray's pickling."""
    stage = pickle.loads(pickle.dumps(PlanStage(PROMPT, max_images=3)))
    made: dict[str, Any] = stage({"path": str(clip), "bytes": clip.read_bytes(), "id": 7})
    return made


@pytest.fixture(scope="module")
def plan(clip: Path) -> Plan:
    return budgetfit.plan(clip, PROMPT, max_images=3, time_limit_s=60)


def test_the_row_is_the_plan(row: dict[str, Any], plan: Plan, tmp_path: Path) -> None:
    assert "bytes" not in row
    assert (row["id"], row["error"]) == (7, "")
    assert row["prompt_token_ids"] == plan.prompt_token_ids()
    assert (row["num_tokens"], row["max_tokens"]) == (plan.num_tokens, plan.limits.max_tokens)
    saved = tmp_path / "plan.json"
    saved.write_text(row["plan"], encoding="utf-8")
    loaded = Plan.load(saved)
    assert (loaded.frames, loaded.best_bound) == (plan.frames, plan.best_bound)


def test_a_row_planned_again_is_the_same_row(row: dict[str, Any], clip: Path) -> None:
    stage = PlanStage(PROMPT, max_images=3)
    assert stage({"path": str(clip), "bytes": clip.read_bytes(), "id": 7}) == row


def test_the_request_has_the_planned_tokens_and_pictures(row: dict[str, Any], plan: Plan) -> None:
    request = request_row(row)
    assert request["__inference_error__"] == ""
    assert request["tokenized_prompt"] == plan.prompt_token_ids()
    sent = request["multimodal_data"]["image"]
    assert [image.tobytes() for image in sent] == [image.tobytes() for image in plan.images()]
    assert request["sampling_params"] == {"temperature": 0.0, "max_tokens": 300}
    warm = request_row({**row, "sampling_params": {"temperature": 0.7, "max_tokens": 9}})
    assert warm["sampling_params"] == {"temperature": 0.7, "max_tokens": 300}


def test_a_path_alone_and_a_prompt_of_its_own(clip: Path) -> None:
    made = PlanStage(PROMPT, max_images=1)({"path": str(clip), "prompt": "What moves?"})
    alone = budgetfit.plan(clip, "What moves?", max_images=1)
    assert made["prompt_token_ids"] == alone.prompt_token_ids()


@pytest.mark.parametrize(
    ("video", "error"),
    [
        ({"bytes": b"no video"}, "VideoError"),
        ({"bytes": b""}, "VideoError"),
        ({"path": "/no/such/clip.mp4"}, "VideoError"),
    ],
)
def test_a_bad_video_is_a_row_with_its_error(video: dict[str, Any], error: str) -> None:
    made = PlanStage(PROMPT)({**video, "id": 1})
    assert made["error"].startswith(f"{error}: ")
    assert (made["id"], made["plan"], made["num_tokens"], made["pictures"]) == (1, "", 0, None)
    # Known to the stages of ray.data.llm, which pass such a row on.
    passed_on = {**made, **request_row(made)}
    assert passed_on["__inference_error__"] == made["error"]
    answer = answer_row(passed_on)
    assert (answer["text"], answer["error"]) == ("", made["error"])
    with pytest.raises(VideoError):
        PlanStage(PROMPT, raise_errors=True)(video)


def test_what_fits_nothing_is_a_row_with_its_error(clip: Path) -> None:
    made = PlanStage(PROMPT, max_model_len=40, max_tokens=30)({"path": str(clip)})
    assert made["error"].startswith("InfeasibleError: ")


def test_wrong_arguments_are_found_before_the_cluster_is() -> None:
    with pytest.raises(UsageError, match="max_tokens"):
        PlanStage(PROMPT, max_tokens=0)
    with pytest.raises(UsageError, match="time_limit_s"):
        PlanStage(PROMPT, time_limit_s=0)
    with pytest.raises(UsageError, match="columns video"):
        PlanStage(PROMPT)({"video": "clip.mp4"})


def test_another_count_is_an_error(row: dict[str, Any]) -> None:
    came_back = {
        **row,
        "num_input_tokens": row["num_tokens"],
        "generated_text": "A road.",
        "num_generated_tokens": 3,
    }
    answer = answer_row(came_back)
    assert (answer["text"], answer["num_tokens"]) == ("A road.", row["num_tokens"])
    with pytest.raises(TokenMismatchError):
        answer_row({**came_back, "num_input_tokens": row["num_tokens"] - 1})


def test_an_error_of_the_engine_is_kept(row: dict[str, Any]) -> None:
    failed = {**row, "__inference_error__": "ValueError: no", "num_input_tokens": 0}
    assert answer_row(failed)["error"] == "ValueError: no"
