"""Text and pictures in one choice: plans on real video whose prompt is blocks."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit import PromptBlock
from budgetfit.analysis import Analysis
from budgetfit.errors import UsageError
from budgetfit.plans import Plan
from budgetfit.problem.building import VALUE_SCALE
from budgetfit.profiles import get_profile
from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS, RequestTokenizer
from tests.worth import worth_of

from . import brute_force
from .test_block_offers import transcript

PROFILE = get_profile("pixtral-12b")
TOKENIZER = RequestTokenizer(PROFILE)
INSTRUCTION = PromptBlock("Describe the scene.", required=True, cut="none")


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


@pytest.fixture(scope="module")
def analysis(bunny: Path) -> Analysis:
    return budgetfit.analyze(bunny).of_model(PROFILE)


def check(plan: Plan) -> None:
    """The plan's numbers are those of the request, and its text is what the model gets."""
    assert plan.num_tokens <= plan.limits.max_prompt_tokens
    assert plan.num_tokens == TOKENIZER.encode(plan.request).num_tokens
    assert plan.prompt.text == "\n\n".join(b.text for b in plan.prompt.blocks if b.text)
    for block in plan.prompt.blocks:
        assert block.num_tokens == TOKENIZER.count_text(block.text)
    assert 0 <= plan.information <= plan.best_bound <= 1


def best_objective(
    blocks: list[PromptBlock], analysis: Analysis, room: int, value: float, max_images: int
) -> float:
    """What the best prompt and one or two pictures are worth together, tried one by one."""
    tokens = analysis.level_num_tokens.tolist()
    worth, weights = worth_of(analysis)
    options = list(itertools.product(range(len(analysis.pts)), range(len(tokens))))
    shown: dict[int, float] = {}
    for chosen in itertools.combinations_with_replacement(options, max_images):
        cost = sum(tokens[level] for _, level in set(chosen))
        best = worth[:, chosen[0][0], chosen[0][1]]
        for candidate, level in chosen[1:]:
            best = best.clip(min=worth[:, candidate, level])
        shown[cost] = max(shown.get(cost, 0.0), float(weights @ best))
    return max(
        text_value / VALUE_SCALE + information
        for text_tokens, text_value in brute_force.every_prompt(
            blocks, TOKENIZER, value / 1000 * VALUE_SCALE
        ).values()
        for cost, information in shown.items()
        if cost + text_tokens + NUM_TEMPLATE_TOKENS <= room
    )


@pytest.mark.parametrize("value", [0.0, 0.25, 3.0, 50.0])
def test_as_good_as_every_choice(bunny: Path, analysis: Analysis, value: float) -> None:
    blocks = [
        PromptBlock("Describe.", required=True),
        PromptBlock("0:01 A rabbit wakes.\n0:02 Birds sing\n0:04 It yawns!", cut="line"),
        PromptBlock("It is spring. The tree is old. Nobody else is there.", cut="sentence"),
        PromptBlock("So what does it do?", cut="none", priority=2.0),
    ]
    for max_prompt_tokens in (70, 100, 150):
        plan = budgetfit.plan(
            bunny,
            blocks,
            max_model_len=max_prompt_tokens + 300,
            max_images=1,
            text_value_per_1000_tokens=value,
            relative_gap_limit=0.0,
        )
        check(plan)
        every = brute_force.every_prompt(blocks, TOKENIZER, value / 1000 * VALUE_SCALE)
        _, text_value = every[plan.prompt.text]
        best = best_objective(blocks, analysis, max_prompt_tokens, value, 1)
        assert plan.information + text_value / VALUE_SCALE == pytest.approx(best, abs=1e-6)


def test_a_transcript_competes_with_pictures(bunny: Path) -> None:
    text = transcript(260)
    full = TOKENIZER.count_text(text)
    assert 2800 < full < 3600
    kept, shown = [], []
    for value in (0.0, 0.005, 0.02, 0.08, 0.25, 1.0, 1000.0):
        plan = budgetfit.plan(
            bunny,
            [INSTRUCTION, PromptBlock(text, cut="line", name="transcript")],
            text_value_per_1000_tokens=value,
            relative_gap_limit=0.0,
            time_limit_s=20.0,
        )
        check(plan)
        assert plan.prompt.blocks[0].text == INSTRUCTION.text
        kept.append(plan.prompt.blocks[1].num_tokens)
        shown.append(plan.information)
        cut = 0 < kept[-1] < full
        assert any("transcript was cut" in warning for warning in plan.warnings) is cut
    assert kept == sorted(kept)
    assert shown == sorted(shown, reverse=True)
    assert kept[0] == 0
    assert any(0 < num_tokens < full for num_tokens in kept)
    # Everything fits beside some picture, so nothing is lost to no use.
    assert kept[-1] == full


def test_short_prompts_are_never_cut_for_pixels(bunny: Path) -> None:
    blocks = [INSTRUCTION, PromptBlock("Only colours count here.", required=True, priority=0.0)]
    for max_model_len in (380, 700, 4096):
        plan = budgetfit.plan(
            bunny, blocks, max_model_len=max_model_len, text_value_per_1000_tokens=0.0
        )
        check(plan)
        assert plan.prompt.text == "Describe the scene.\n\nOnly colours count here."
        assert plan.warnings == ()
    # By default a short block is worth more than the pixels it costs.
    plan = budgetfit.plan(bunny, [INSTRUCTION, PromptBlock("Only colours count here.")])
    assert plan.warnings == ()


def test_the_model_gets_the_plans_text(bunny: Path, tmp_path: Path) -> None:
    blocks = [INSTRUCTION, PromptBlock(transcript(400), cut="line", name="transcript")]
    plan = budgetfit.plan(bunny, blocks, max_images=2)
    check(plan)
    (message,) = plan.messages()
    texts = [part["text"] for part in message["content"] if part["type"] == "text"]
    assert texts == [plan.prompt.text]
    plan.save(tmp_path / "plan.json")
    loaded = budgetfit.Plan.load(tmp_path / "plan.json")
    assert loaded == plan
    assert loaded.prompt.blocks[1].dropped
    assert loaded.prompt.blocks[1].name == "transcript"


def test_equal_input_gives_equal_plans(bunny: Path) -> None:
    blocks = [INSTRUCTION, PromptBlock(transcript(300), cut="line"), PromptBlock("Note. " * 50)]
    first, second = (budgetfit.plan(bunny, blocks) for _ in range(2))
    assert (first.prompt, first.frames) == (second.prompt, second.frames)


def test_no_blocks_are_an_empty_prompt(bunny: Path) -> None:
    plan = budgetfit.plan(bunny, [], max_images=1)
    check(plan)
    assert (plan.prompt.text, plan.prompt.num_tokens, plan.prompt.blocks) == ("", 0, ())


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1", True])
def test_values_that_cannot_be_used(bunny: Path, value: float) -> None:
    with pytest.raises(UsageError, match="text_value_per_1000_tokens is"):
        budgetfit.plan(bunny, "Describe.", text_value_per_1000_tokens=value)


def test_the_page_on_prompts_runs(
    bunny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "prompts.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "clip.mp4").write_bytes(bunny.read_bytes())
    (tmp_path / "transcript.txt").write_text(transcript(260), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/prompts.md", "exec"), names)
    plan = names["plan"]
    check(plan)
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        f"{block.name}: {block.num_tokens} of {block.num_tokens_full} tokens"
        for block in plan.prompt.blocks
    ]
    assert 0 < plan.prompt.blocks[0].num_tokens < plan.prompt.blocks[0].num_tokens_full
