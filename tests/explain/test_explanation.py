"""An explanation of a plan says what the validator and other solves say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit import PromptBlock
from budgetfit.constraints import Constraint, Exclude, MinSpacing, SameSize, Show
from budgetfit.errors import UsageError, VideoChangedError
from budgetfit.explain.explanation import Explanation, explain
from budgetfit.explain.limits import ExplainedLimit
from budgetfit.explain.rival import Rival
from budgetfit.problem.validator import evaluate
from tests.looked import looked_at
from tests.video.clips import make_clip

LINES = "\n".join(f"[{second} s] somebody says number {second}" for second in range(500))

# Ratios of integers as decimals, and the rounding of a bound to an integer.
ROUNDING = 1e-7


def check(plan: budgetfit.Plan, explanation: Explanation) -> None:
    """Compare an explanation with the plan and its problem."""
    made = plan.made_from
    assert made is not None
    problem, solution = made.posed.problem, made.solution
    shown = evaluate(problem, solution).explained_value
    frames = [frame for picture in explanation.pictures for frame in picture.frames]
    assert sorted(frame.frame for frame in frames) == list(range(len(plan.frames)))
    assert len(explanation.pictures) == len(plan.pictures)
    for sent, picture in zip(plan.pictures, explanation.pictures, strict=True):
        on_it = plan.frames_of(sent)
        assert [frame.time_s for frame in picture.frames] == [frame.time_s for frame in on_it]
        assert {(frame.width, frame.height) for frame in on_it} == {(picture.width, picture.height)}
        assert picture.num_tokens >= sent.num_tokens
    for frame in frames:
        others = np.delete(np.array(solution.options), frame.frame)
        left = int(problem.values[:, others].max(axis=1, initial=0).sum())
        assert frame.loss == pytest.approx((shown - left) / problem.total_value)
        if frame.rival is not None:
            assert frame.time_s not in frame.rival.times_s
            check_rival(frame.rival)
    check_limit(explanation.tokens)
    if explanation.images is not None:
        assert explanation.images.used == len(plan.pictures)
        check_limit(explanation.images)
    assert explanation.tokens.used == plan.num_tokens
    json.dumps(explanation.to_dict())
    for heading, paragraphs in explanation.sections:
        assert heading in str(explanation)
        for sentence in (sentence for paragraph in paragraphs for sentence in paragraph):
            assert sentence in str(explanation)
            assert sentence.endswith(".")


def check_rival(rival: Rival) -> None:
    assert rival.least_loss <= rival.loss + ROUNDING
    assert rival.num_tokens > 0


def check_limit(limit: ExplainedLimit) -> None:
    """The price holds for what solving again found, and what is proved is at most the price's."""
    assert limit.used <= limit.limit
    assert limit.price >= 0
    worth = limit.bound - (limit.more.most_gain - limit.price)
    for moved, sign in ((limit.more, 1), (limit.less, -1)):
        assert moved.change == sign * limit.step
        # The bound is linear in the limit.
        assert moved.most_gain <= limit.bound + sign * limit.price - worth + ROUNDING
        if moved.rival is not None:
            check_rival(moved.rival)
            assert -moved.rival.loss <= moved.most_gain + ROUNDING
            assert -moved.rival.least_loss <= moved.most_gain + ROUNDING


ARGUMENTS: dict[str, dict[str, Any]] = {
    "one image": {"max_images": 1},
    "two images": {"max_images": 2, "time_labels": True},
    "five images": {"max_images": 5},
    "any images": {"profile": "cosmos-transfer1"},
    "sheet": {"montage": True, "max_images": 1, "max_model_len": 1500},
    "constraints": {"constraints": [SameSize(), Exclude(0, 1)], "max_images": 3},
    "cut text": {"prompt": "word " * 5000, "max_model_len": 1500},
    "blocks": {"prompt": [PromptBlock(LINES, cut="line"), PromptBlock("What?", required=True)]},
    "relevance": {"relevance": [(0.0, 1.0, 4.0)], "max_images": 2},
    "customize": {"max_images": 2, "customize": lambda model: None},
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
@pytest.mark.parametrize("name", ["bigbuckbunny", "bikes"])
def test_plans_of_real_clips(
    package_clips: dict[str, Path], name: str, arguments: dict[str, Any]
) -> None:
    plan = budgetfit.plan(package_clips[name], **arguments)
    check(plan, explain(plan, why_not_s=[1.5]))


@pytest.mark.parametrize("max_images", [2, 8, None])
def test_prices_hold_on_every_clip(clips_dir: Path, max_images: int | None) -> None:
    for path in sorted(clips_dir.iterdir()):
        if path.suffix not in {".mp4", ".webm", ".gif"} or path.name.startswith("edge_"):
            continue
        plan = budgetfit.plan(looked_at(path, 17), max_images=max_images)
        check(plan, explain(plan))


def test_sizes_are_those_that_the_validator_evaluates(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bigbuckbunny"], max_images=4)
    made = plan.made_from
    assert made is not None
    choice, problem, options = made.posed.choice, made.posed.problem, made.solution.options
    for index, picture in enumerate(explain(plan).pictures):
        for size, step in ((picture.larger, 1), (picture.smaller, -1)):
            other = options[index] + step
            if choice.candidate[other] != choice.candidate[options[index]]:
                assert size is None
                continue
            assert size is not None
            assert (size.width, size.height) == (choice.width[other], choice.height[other])
            changed = (*options[:index], other, *options[index + 1 :])
            left = int(problem.values[:, changed].max(axis=1).sum())
            before = int(problem.values[:, options].max(axis=1).sum())
            assert size.loss == pytest.approx((before - left) / problem.total_value)
            assert step * size.more_tokens > 0
            assert step * size.loss <= 0
            fits = plan.num_tokens + size.more_tokens <= plan.limits.max_prompt_tokens
            assert size.fits is fits


def test_a_sheet_changes_as_a_whole(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bikes"], montage=True, max_images=1, max_model_len=2500)
    (sheet,) = plan.sheets
    (picture,) = explain(plan).pictures
    assert [frame.frame for frame in picture.frames] == list(sheet.frames)
    assert picture.num_tokens == sheet.num_tokens
    assert picture.loss == pytest.approx(plan.information)
    sizes = [size for size in (picture.larger, picture.smaller) if size is not None]
    assert sizes
    for size in sizes:
        assert (size.width > picture.width) == (size.more_tokens > 0) == (size.loss < 0)


def test_every_moment_may_be_asked_about(package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["bigbuckbunny"], max_images=3)
    shown_s = plan.frames[1].time_s
    explanation = explain(plan, why_not_s=[shown_s, 0, plan.video.duration_s, 0])
    asked = explanation.why_not
    assert [one.asked_s for one in asked] == [shown_s, 0, plan.video.duration_s]
    assert asked[0].is_shown
    assert asked[0].rival is None
    assert "The plan shows that very frame" in str(explanation)
    for one in asked[1:]:
        assert any(start <= one.asked_s <= end for start, end in one.intervals_s)
        if not one.is_shown:
            assert one.rival is not None
            assert one.candidate_s in one.rival.times_s
            check_rival(one.rival)
    for wrong in (-1.0, plan.video.duration_s + 1, float("nan"), True):
        with pytest.raises(UsageError, match="why_not_s has"):
            explain(plan, why_not_s=[wrong])


def test_a_constraint_that_forbids_or_demands_is_named(package_clips: dict[str, Path]) -> None:
    demands: list[Constraint] = [Show(2.0), Exclude(3, 4), MinSpacing(0.5)]
    plan = budgetfit.plan(package_clips["bigbuckbunny"], max_images=3, constraints=demands)
    explanation = explain(plan, why_not_s=[3.5])
    (asked,) = explanation.why_not
    assert asked.rival is None
    assert asked.obstacles == ("no frame from 3 to 4 s",)
    assert "No plan can show it: no frame from 3 to 4 s." in asked.sentences
    demanded = [frame for picture in explanation.pictures for frame in picture.frames]
    names = {frame.obstacles for frame in demanded if frame.rival is None}
    assert names == {("the frame shown at 2 s",)}
    assert [one.name for one in explanation.constraints] == [demand.name for demand in demands]


def test_a_constraint_costs_what_there_is_without_it(package_clips: dict[str, Path]) -> None:
    path = package_clips["bigbuckbunny"]
    free = budgetfit.plan(path, max_images=2, constraints=[MinSpacing(0.01)])
    forbidden = Exclude(0, free.frames[0].time_s + 0.5)
    held = budgetfit.plan(path, max_images=2, constraints=[forbidden, forbidden])
    (constraint,) = explain(held).constraints
    # Two pictures are enumerated.
    assert constraint.rival.information == pytest.approx(free.information)
    assert constraint.price == pytest.approx(free.information - held.information)
    assert constraint.price > 0
    assert explain(free).constraints[0].price == 0


def test_text_left_out_has_a_price(package_clips: dict[str, Path]) -> None:
    def plan_of(*, required: bool) -> budgetfit.Plan:
        blocks = [
            PromptBlock(LINES[:3500], cut="line", name="the transcript", required=required),
            PromptBlock("What?", required=True),
        ]
        return budgetfit.plan(
            package_clips["bikes"],
            blocks,
            max_images=2,
            max_model_len=2500,
            text_value_per_1000_tokens=0.001,
        )

    plan, kept_whole = plan_of(required=False), plan_of(required=True)
    (cut,) = explain(plan).prompt
    sent = plan.prompt.blocks[0]
    assert (cut.name, cut.dropped) == ("the transcript", sent.dropped)
    assert cut.dropped_worth is not None
    assert cut.dropped_worth == pytest.approx((cut.num_tokens_full - cut.num_tokens) * 1e-6)
    assert cut.whole is not None
    # Two pictures are enumerated.
    assert cut.whole.text_tokens == kept_whole.prompt.num_tokens > plan.prompt.num_tokens
    assert cut.whole.information == pytest.approx(kept_whole.information)
    assert cut.whole.loss == pytest.approx(plan.information - kept_whole.information)
    assert cut.whole.loss > cut.dropped_worth
    assert explain(kept_whole).prompt == ()


def test_a_text_that_never_fits_has_none(package_clips: dict[str, Path]) -> None:
    path = package_clips["bikes"]
    (text,) = explain(budgetfit.plan(path, "word " * 5000, max_model_len=1500)).prompt
    assert text.whole is None
    assert text.num_tokens < text.num_tokens_full
    assert text.dropped.endswith("word ")
    blocks = [PromptBlock(LINES, required=True), PromptBlock("What?", required=True)]
    texts = explain(budgetfit.plan(path, blocks, max_model_len=1500)).prompt
    assert texts
    assert all(text.required_is_cut and text.whole is None for text in texts)
    assert explain(budgetfit.plan(path, "Describe.", max_images=1)).prompt == ()


def test_a_plan_from_a_file_is_explained_alike(
    tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    plan = budgetfit.plan(package_clips["bikes"], max_images=3, constraints=[Exclude(0, 0.5)])
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    explanation = explain(plan, why_not_s=[2.0])
    assert explain(loaded, why_not_s=[2.0]) == explanation
    assert explain(loaded, why_not_s=[2.0], video=package_clips["bikes"]) == explanation
    with pytest.raises(VideoChangedError):
        explain(loaded, video=package_clips["bigbuckbunny"])


def test_where_nothing_counts_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "black.mp4"
    make_clip(path, [np.zeros((96, 160, 3), dtype=np.uint8)] * 10, width=160, height=96)
    explanation = explain(budgetfit.plan(path, max_images=3), why_not_s=[0.1])
    (picture,) = explanation.pictures
    assert picture.loss == explanation.tokens.price == explanation.why_not[0].weight == 0
