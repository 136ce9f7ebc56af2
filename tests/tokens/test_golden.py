"""Token ids and counts that mistral-common 1.13.1 gave, kept in tests/golden."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer

GOLDEN = Path(__file__).parents[1] / "golden"
REQUESTS: list[dict[str, Any]] = json.loads(
    (GOLDEN / "pixtral_requests.json").read_text(encoding="utf-8")
)
with (GOLDEN / "cosmos_frames.tsv").open(encoding="utf-8", newline="") as file:
    COSMOS = [
        {key: int(value) for key, value in row.items()}
        for row in csv.DictReader(file, dialect="excel-tab")
    ]


@pytest.mark.parametrize("golden", REQUESTS, ids=[golden["name"] for golden in REQUESTS])
def test_ids_are_the_golden_ids(tokenizer: RequestTokenizer, golden: dict[str, Any]) -> None:
    parts = tuple(
        TextPart(**part) if "text" in part else ImagePart(**part) for part in golden["parts"]
    )
    request = Request(parts, golden["system_prompt"])
    assert list(tokenizer.encode(request).prompt_token_ids) == golden["prompt_token_ids"]
    assert tokenizer.count(request) == len(golden["prompt_token_ids"])


@pytest.mark.parametrize(
    "row", COSMOS, ids=["{width}x{height}-{num_frames}".format(**row) for row in COSMOS]
)
def test_counts_of_the_frames_of_cosmos_users(
    tokenizer: RequestTokenizer, row: dict[str, int]
) -> None:
    frames = (ImagePart(row["width"], row["height"]),) * row["num_frames"]
    request = Request((*frames, TextPart("describe the following images")))
    assert tokenizer.count(request) == row["num_tokens"]


def test_the_table_has_every_row() -> None:
    assert len({(row["width"], row["height"], row["num_frames"]) for row in COSMOS}) == 7 * 4


def test_where_4685_comes_from(tokenizer: RequestTokenizer) -> None:
    """Two 1280x704 frames and a prompt of two tokens; not two 640x480 frames, which fit 3796."""
    assert tokenizer.count_text("describe this") == 2
    request = Request((ImagePart(1280, 704), ImagePart(1280, 704), TextPart("describe this")))
    assert tokenizer.count(request) == tokenizer.encode(request).num_tokens == 4685
