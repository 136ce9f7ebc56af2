"""Every way to cut blocks, one by one, with the real tokenizer."""

from __future__ import annotations

import itertools

from budgetfit.prompts.blocks import PromptBlock
from budgetfit.tokens.sentences import sentence_ends
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.tokens.test_truncation import every_cut


def line_groups(text: str) -> list[tuple[int, str]]:
    """Lines that are kept or dropped together, each with the number of the line that counts."""
    groups: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n")):
        stays = not line.strip() or line.startswith("/") or line.lstrip(" \t\x0b\x0c")[:1] == "\r"
        if groups and not groups[-1][1].strip():
            groups[-1] = (number, groups[-1][1] + "\n" + line)
        elif groups and stays:
            groups[-1] = (groups[-1][0], groups[-1][1] + "\n" + line)
        else:
            groups.append((number, line))
    return groups


def alternatives(
    block: PromptBlock, tokenizer: RequestTokenizer, value_per_token: float
) -> set[tuple[str, int]]:
    """What may be kept of a block, and its worth."""
    text, per_token = block.text, value_per_token * block.priority
    if not text:
        return {("", 0)}
    if block.required:
        return {(text, 0)}
    if block.cut == "line":
        groups = line_groups(text)
        weights = block.line_weights or (1.0,) * (text.count("\n") + 1)
        found = set()
        for keep in itertools.product((False, True), repeat=len(groups)):
            kept = list(itertools.compress(groups, keep))
            counts = [tokenizer.count_text(line + "\n") for _, line in kept]
            worth = [
                round(per_token * weights[number] * count)
                for (number, _), count in zip(kept, counts, strict=True)
            ]
            found.add(("\n".join(line for _, line in kept), sum(worth)))
        return found
    ends = {
        "word": every_cut(text),
        "sentence": sentence_ends(text, len(text)),
        "none": [],
    }[block.cut]
    return {("", 0)} | {
        (text[:end], round(per_token * tokenizer.count_text(text[:end])))
        for end in (*ends, len(text))
    }


def every_prompt(
    blocks: list[PromptBlock], tokenizer: RequestTokenizer, value_per_token: float
) -> dict[str, tuple[int, int]]:
    """Tokens and greatest worth of every prompt."""
    found: dict[str, tuple[int, int]] = {}
    ways = [alternatives(block, tokenizer, value_per_token) for block in blocks]
    for way in itertools.product(*ways):
        text = "\n\n".join(kept for kept, _ in way if kept)
        worth = sum(value for _, value in way)
        if worth >= found.get(text, (0, 0))[1]:
            found[text] = (tokenizer.count_text(text), worth)
    return found


def frontier(prompts: dict[str, tuple[int, int]], room: int) -> list[tuple[int, int]]:
    """Tokens and worth of what is worth more than anything of fewer tokens."""
    steps: list[tuple[int, int]] = []
    for num_tokens, worth in sorted(prompts.values(), key=lambda pair: (pair[0], -pair[1])):
        if num_tokens <= room and (not steps or worth > steps[-1][1]):
            steps.append((num_tokens, worth))
    return steps
