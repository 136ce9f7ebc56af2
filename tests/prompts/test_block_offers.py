"""What is offered of blocks against every way to cut them."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from budgetfit.errors import UsageError
from budgetfit.problem.building import VALUE_SCALE
from budgetfit.profiles import get_profile
from budgetfit.prompts.blocks import Cut, PromptBlock
from budgetfit.prompts.offered import OfferedPrompts
from budgetfit.prompts.offering import offer_prompts
from budgetfit.tokens.tokenizer import NUM_TEMPLATE_TOKENS, RequestTokenizer
from tests.tokens.strategies import PIECES

from . import brute_force

TOKENIZER = RequestTokenizer(get_profile("pixtral-12b"))
PICTURE_TOKENS = 32
CUTS: list[Cut] = ["word", "sentence", "line", "none"]

pieces = st.sampled_from([*PIECES, *"\n\n\n\n    //..", ".\n", "?\n", "\n/", "Yes. ", "No! "])
short_texts = st.lists(pieces, max_size=9).map("".join)
worths = st.sampled_from([0.0, 0.3, 1.0, 2.5])


@st.composite
def prompt_blocks(draw: st.DrawFn, *, required: bool | None = None) -> PromptBlock:
    text = draw(short_texts)
    cut = draw(st.sampled_from(CUTS))
    num_lines = text.count("\n") + 1
    assume(num_lines <= 7)
    weights = None
    if cut == "line" and draw(st.booleans()):
        weights = tuple(draw(st.lists(worths, min_size=num_lines, max_size=num_lines)))
    return PromptBlock(
        text,
        required=draw(st.booleans()) if required is None else required,
        priority=draw(worths),
        cut=cut,
        line_weights=weights,
    )


def offer(
    blocks: list[PromptBlock], room: int, *, value: float = 0.25, system: str | None = None
) -> OfferedPrompts:
    """Offer prompts of up to ``room`` tokens."""
    return offer_prompts(
        blocks,
        system,
        TOKENIZER,
        max_prompt_tokens=NUM_TEMPLATE_TOKENS + PICTURE_TOKENS + room,
        picture_num_tokens=PICTURE_TOKENS,
        text_value_per_1000_tokens=value,
    )


def steps(offered: OfferedPrompts) -> list[tuple[int, int]]:
    return list(zip(offered.num_tokens, offered.values, strict=True))


@given(
    st.lists(prompt_blocks(), max_size=3), st.integers(0, 60), st.sampled_from([0.0, 0.25, 40.0])
)
@example([PromptBlock("a.\n/b\n c"), PromptBlock("//", cut="none"), PromptBlock("\nd")], 60, 0.25)
@example([PromptBlock(" ", required=True), PromptBlock("/.\n\n/\n", cut="line")], 60, 0.25)
@example([PromptBlock(".", required=True), PromptBlock("/* .a"), PromptBlock("b")], 60, 0.25)
@example([PromptBlock(".", required=True), PromptBlock("/* .a")], 4, 0.25)
@example(
    [PromptBlock(".", required=True), PromptBlock("/* .a"), PromptBlock("b", required=True)],
    5,
    0.25,
)
@example([PromptBlock("\na\nb c", cut="line", line_weights=(2.5, 1.0, 0.0))], 60, 0.25)
# A part before an open beginning can cost less than no tokens: "}" and a blank line here.
@example([PromptBlock("}"), PromptBlock("\n/")], 2, 0.25)
@example([PromptBlock("}"), PromptBlock("\n/")], 1, 0.25)
@example([PromptBlock("}"), PromptBlock("\n/ /x", required=True)], 3, 0.25)
def test_the_frontier_is_that_of_brute_force(
    blocks: list[PromptBlock], room: int, value: float
) -> None:
    every = brute_force.every_prompt(blocks, TOKENIZER, value / 1000 * VALUE_SCALE)
    expected = brute_force.frontier(every, room)
    if not expected:
        return
    offered = offer(blocks, room, value=value)
    assert steps(offered) == expected[::-1]
    for index, step in enumerate(expected[::-1]):
        sent = offered.sent(index)
        assert every[sent.text] == step
        assert sent.num_tokens == step[0]
        assert "\n\n".join(block.text for block in sent.blocks if block.text) == sent.text


@given(st.lists(prompt_blocks(required=True), min_size=1, max_size=3), st.integers(0, 30))
def test_required_blocks_are_cut_only_where_they_must_be(
    blocks: list[PromptBlock], room: int
) -> None:
    whole = "\n\n".join(block.text for block in blocks if block.text)
    if TOKENIZER.count_text(whole) <= room:
        offered = offer([*blocks, PromptBlock("More", priority=0.0)], room)
        assert [offered.sent(0).text] == [whole]
        assert offered.values == (0,)
        return
    uncut = "\n\n".join(block.text for block in blocks if block.text and block.cut == "none")
    if TOKENIZER.count_text(uncut) > room:
        assert offer(blocks, room).num_tokens == (TOKENIZER.count_text(uncut),)
        return
    offered = offer([*blocks, PromptBlock("left out")], room)
    assert list(offered.num_tokens) == sorted(set(offered.num_tokens), reverse=True)
    assert all(a - b > VALUE_SCALE for a, b in itertools.pairwise(offered.values))
    for index, num_tokens in enumerate(offered.num_tokens):
        sent = offered.sent(index)
        assert TOKENIZER.count_text(sent.text) == num_tokens <= room
        assert all(
            kept.text == block.text
            for kept, block in zip(sent.blocks, blocks, strict=False)
            if block.cut == "none"
        )
        assert sent.blocks[-1].text == ""


def check_every_count(blocks: list[PromptBlock], room: int, system: str | None) -> int:
    """Compose every offer and count it as a whole; return how many there were."""
    offered = offer(blocks, room, system=system)
    if min(offered.num_tokens) > room:
        return 0
    fixed = TOKENIZER.count_text(system + "\n\n") if system else 0
    for index, num_tokens in enumerate(offered.num_tokens):
        sent = offered.sent(index)
        assert fixed + TOKENIZER.count_text(sent.text) == num_tokens == sent.num_tokens <= room
        for block, kept in zip(blocks, sent.blocks, strict=True):
            assert kept.num_tokens == TOKENIZER.count_text(kept.text)
            if block.cut == "line":
                lines = iter(block.text.split("\n"))
                assert not kept.text or all(line in lines for line in kept.text.split("\n"))
            else:
                assert kept.text + kept.dropped == block.text
    return len(offered.num_tokens)


@given(st.lists(prompt_blocks(), max_size=8), st.integers(0, 200), st.none() | short_texts)
def test_every_offer_is_counted_exactly(
    blocks: list[PromptBlock], room: int, system: str | None
) -> None:
    check_every_count(blocks, room, system)


@pytest.mark.slow
def test_thousands_of_random_block_lists_are_counted_exactly(full_counts: bool) -> None:
    rng = random.Random(20)
    heads = ["", "", "\n", "/", " \n", "."]
    counted = 0
    for _ in range(5000 if full_counts else 200):
        blocks = []
        for _ in range(rng.randint(1, 5)):
            text = rng.choice(heads) + "".join(rng.choices(PIECES, k=rng.randint(0, 40)))
            cut = rng.choice(CUTS)
            blocks.append(PromptBlock(text, required=rng.random() < 0.2, cut=cut))
        counted += check_every_count(blocks, rng.randint(0, 400), None)
    assert counted > 5_000


def test_an_open_first_line_is_not_taken_for_another() -> None:
    block = PromptBlock("\n".join(["/a", "bb", "bb", "bb", "bb"]), cut="line")
    assert check_every_count([PromptBlock("End.", required=True), block], 100, None) > 5


def transcript(num_lines: int) -> str:
    rng = random.Random(5)
    words = ["the", "robot", "lifts", "cubes", "people", "talk", "about", "weather,", "don't"]
    return "\n".join(
        f"{k // 60}:{k % 60:02d} {' '.join(rng.choices(words, k=rng.randint(2, 9)))}"
        + rng.choice(["", ".", "!", " ..."])
        for k in range(num_lines)
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_lines_that_are_kept_are_spread_evenly(share: float) -> None:
    text = transcript(400)
    room = int(share * TOKENIZER.count_text(text))
    sent = offer([PromptBlock(text, cut="line")], room).sent(0)
    kept = set(sent.text.split("\n"))
    assert room - 3 <= sent.num_tokens <= room
    lines = text.split("\n")
    for quarter in (lines[k : k + 100] for k in range(0, 400, 100)):
        tokens = sum(TOKENIZER.count_text(line + "\n") for line in quarter)
        there = sum(TOKENIZER.count_text(line + "\n") for line in quarter if line in kept)
        assert there / tokens == pytest.approx(share, abs=0.12)


def test_lines_of_more_weight_are_kept_first() -> None:
    lines = [f"line {k}" for k in range(10)]
    weights = [2.0 if k in {3, 8} else 1.0 for k in range(10)]
    block = PromptBlock("\n".join(lines), cut="line", line_weights=tuple(weights))
    offered = offer([block], 1000)
    two = next(
        prompt
        for prompt in map(offered.sent, range(len(offered.num_tokens)))
        if prompt.text.count("\n") == 1
    )
    assert two.text == "line 3\nline 8"
    assert two.blocks[0].dropped.split("\n") == [lines[k] for k in range(10) if k not in {3, 8}]


def test_what_is_left_out_is_said() -> None:
    blocks = [
        PromptBlock("Describe the scene.", required=True),
        PromptBlock(transcript(50), cut="line", name="the transcript"),
        PromptBlock("none of this fits " * 100, cut="none"),
    ]
    assert offer(blocks, 10_000).sent(0).warnings == ()
    sent = offer(blocks, 200).sent(0)
    full = [block.num_tokens_full for block in sent.blocks]
    kept = sent.blocks[1].num_tokens
    assert sent.warnings == (
        f"the transcript was cut from {full[1]} to {kept} tokens, to make room for pictures",
        f"block 3 of the prompt ({full[2]} tokens) was left out, to make room for pictures",
    )


def test_values_beyond_the_problems_numbers() -> None:
    with pytest.raises(UsageError, match="lower text_value_per_1000_tokens"):
        offer([PromptBlock("Text. " * 1000)], 100, value=1e7)


@settings(max_examples=20)
@given(st.integers(1, 60))
def test_a_giant_block_costs_no_more_than_its_room(num_repeats: int) -> None:
    text = "天气很好，我们去公园 and walk. " * num_repeats * 50
    offered = offer([PromptBlock(text), PromptBlock("ก" * 3000 + " /")], 300)
    assert 290 < offered.num_tokens[0] <= 300
    assert TOKENIZER.count_text(offered.sent(0).text) == offered.num_tokens[0]
