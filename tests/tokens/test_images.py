"""Image grids against mistral-common's own image encoder, token id by token id."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from mistral_common.protocol.instruct.chunk import ImageChunk
from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from PIL import Image

from budgetfit.errors import UsageError
from budgetfit.profiles import ModelProfile
from budgetfit.tokens.images import ImageGrid, ImageTokenIds, image_grid, num_image_tokens
from budgetfit.tokens.tokenizer import RequestTokenizer

MODES = ("RGB", "RGBA", "LA", "L", "P", "1", "CMYK")
MAX_PIXELS = 1_500_000


def random_sizes(count: int, seed: int) -> list[tuple[int, int]]:
    """Sizes of every kind: ordinary, far too large, extremely long, one pixel wide, near ties."""
    rng = random.Random(seed)
    sizes: list[tuple[int, int]] = []
    while len(sizes) < count:
        kind = len(sizes) % 5
        width, height = (round(2 ** rng.uniform(0, 14)) for _ in range(2))
        if kind == 0:
            width, height = rng.randint(1, 1100), rng.randint(1, 1100)
        elif kind == 1:
            width = 1
        elif kind == 2:
            height = max(width // rng.randint(50, 2000), 1)
        elif kind == 3:  # scaled by a power of two: sides that end in exactly one half
            width, height = 1024 * rng.choice((2, 4)), 16 * rng.randint(1, 40) + rng.choice((1, 2))
        if rng.random() < 0.5:
            width, height = height, width
        if width * height <= MAX_PIXELS:
            sizes.append((width, height))
    return sizes


def test_ids_equal_those_of_mistral_common(
    mistral: MistralTokenizer[Any, Any, Any, Any, Any],
    tokenizer: RequestTokenizer,
    profile: ModelProfile,
    full_counts: bool,
) -> None:
    sizes = random_sizes(5000 if full_counts else 600, seed=1)
    for start in range(0, len(sizes), 10):
        group = sizes[start : start + 10]
        chunks: list[Any] = [
            ImageChunk(image=Image.new(MODES[index % len(MODES)], size))
            for index, size in enumerate(group)
        ]
        request = ChatCompletionRequest(messages=[UserMessage(content=chunks)])
        ids = mistral.encode_chat_completion(request).tokens[2:-1]
        ours = [
            token
            for size in group
            for token in image_grid(*size, profile).token_ids(tokenizer.image_token_ids)
        ]
        assert ids == ours, group


@pytest.mark.parametrize(("patch", "longest", "merge"), [(14, 1540, 2), (16, 1024, 1), (7, 100, 3)])
def test_other_rules_equal_mistral_common(
    profile: ModelProfile, patch: int, longest: int, merge: int
) -> None:
    other = replace(
        profile, image_patch_size=patch, max_image_size=longest, spatial_merge_size=merge
    )
    encoder = ImageEncoder(ImageConfig(patch, longest, merge), SpecialImageIDs(10, 12, 13))
    for width, height in random_sizes(60, seed=2):
        theirs = encoder(ImageChunk(image=Image.new("L", (width, height)))).tokens
        assert image_grid(width, height, other).token_ids(ImageTokenIds(10, 12, 13)) == theirs


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [
        (1024, 1024, 64, 64),
        (1025, 1, 64, 1),
        (2048, 1025, 64, 32),  # 512.5 is rounded to 512, not to 513
        (2048, 1027, 64, 33),  # 513.5 is rounded to 514
        (1025, 2048, 32, 64),
        (1027, 2048, 33, 64),
        (1, 1, 1, 1),
        (100_000, 1, 64, 1),
        (1, 100_000, 1, 64),
    ],
)
def test_grids_at_the_edges(
    profile: ModelProfile, width: int, height: int, columns: int, rows: int
) -> None:
    assert image_grid(width, height, profile) == ImageGrid(columns, rows)


def test_num_tokens_is_the_length_of_the_ids(profile: ModelProfile) -> None:
    for width, height in random_sizes(200, seed=3):
        grid = image_grid(width, height, profile)
        ids = grid.token_ids(ImageTokenIds(1, 2, 3))
        assert len(ids) == grid.num_tokens == num_image_tokens(width, height, profile)
        assert (ids.count(1), ids.count(2)) == (grid.columns * grid.rows, grid.rows - 1)
        assert ids.index(3) == len(ids) - 1


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0), (-1, 10), (10, -16)])
def test_sides_below_one_pixel_are_refused(profile: ModelProfile, width: int, height: int) -> None:
    with pytest.raises(UsageError, match=f"{width} x {height}"):
        image_grid(width, height, profile)


@pytest.mark.parametrize("module", ["images", "request", "layout"])
def test_counting_images_needs_no_heavy_import(module: str) -> None:
    code = (
        f"import sys, budgetfit.tokens.{module}; "
        "print(sorted({'mistral_common', 'numpy', 'PIL', 'cv2', 'tiktoken'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
