"""A small plan made by hand, so that engines are tested without a planner's choices."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from budgetfit.profiles import TokenRules, get_profile
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer

TOKENIZER = RequestTokenizer(get_profile("pixtral-12b"))

# What the Cosmos users' failing request was: two frames of 1280x704 and a prompt of two tokens.
FAILING_SIZES = [(1280, 704), (1280, 704)]
FAILING_PROMPT = "describe it"
FAILING_NUM_TOKENS = 4685

WORDS = (
    "describe the following images what happens next [INST] [IMG] <s>",
    "décris précisément les images où ça se passe",
    "опиши следующие изображения подробно",
    "描述以下图片 发生了什么事情 请详细说明",
    "次の画像を説明してください ロボット",
    "صف الصور التالية بالتفصيل",
    "चित्रों का वर्णन कीजिए",
    "다음 이미지를 설명하세요",
    "🤖🚗 👩‍🔬 ∑x²≤ε \t \n\n ... -- #!/bin/sh {'a': 1}",
)


@dataclass(frozen=True)
class Limits:
    max_model_len: int
    max_tokens: int


@dataclass(frozen=True)
class StandInPlan:
    """As much of ``budgetfit.plans.Plan`` as an engine reads; its pictures know their size."""

    pictures: tuple[Image.Image, ...]
    prompt: str
    limits: Limits
    profile: str = "pixtral-12b"
    token_rules: TokenRules = TOKENIZER.rules

    def tokenizer(self) -> RequestTokenizer:
        return TOKENIZER

    @property
    def request(self) -> Request:
        images = (ImagePart(*picture.size) for picture in self.pictures)
        return Request((*images, TextPart(self.prompt)))

    @property
    def num_tokens(self) -> int:
        return TOKENIZER.count(self.request)

    def prompt_token_ids(self) -> list[int]:
        return list(TOKENIZER.encode(self.request).prompt_token_ids)

    def images(self) -> list[Image.Image]:
        return list(self.pictures)

    def messages(self, images: Sequence[Image.Image] | None = None) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": png_url(image)}}
            for image in (self.pictures if images is None else images)
        ]
        if self.prompt:
            parts.append({"type": "text", "text": self.prompt})
        return [{"role": "user", "content": parts}]


def png_url(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def picture(width: int, height: int, seed: int) -> Image.Image:
    """A picture that no other seed gives: coarse noise, which compresses."""
    noise = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST)


def make_plan(
    sizes: Sequence[tuple[int, int]],
    prompt: str = "describe the following images",
    *,
    max_tokens: int = 2,
    seed: int = 0,
) -> Any:
    pictures = tuple(picture(*size, seed * 1000 + index) for index, size in enumerate(sizes))
    return StandInPlan(pictures, prompt, Limits(max_model_len=4096, max_tokens=max_tokens))


def plan_of_length(num_tokens: int, *, max_tokens: int = 1, seed: int = 0) -> Any:
    """A plan of one picture whose text fills it up to exactly ``num_tokens``."""
    short = make_plan([(320, 176)], "a", seed=seed)
    # Each further " a" is one token.
    prompt = "a" + " a" * (num_tokens - short.num_tokens)
    plan = make_plan([(320, 176)], prompt, max_tokens=max_tokens, seed=seed)
    assert plan.num_tokens == num_tokens
    return plan


def random_plan(seed: int) -> Any:
    """A random request that fits: 1 to 12 pictures on the grid, a prompt in several scripts."""
    rng = random.Random(seed)
    max_tokens = rng.randint(1, 4)
    room = 4096 - max_tokens - 3
    words = " ".join(WORDS).split(" ")
    prompt = " ".join(rng.choices(words, k=rng.choice((0, 1, 5, 40, 300))))
    room -= TOKENIZER.count_text(prompt)
    num_images = rng.randint(1, 12)
    sizes = []
    for left in range(num_images, 0, -1):
        share = room // left
        cols = rng.randint(1, min(64, share // 2))
        rows = rng.randint(1, min(64, share // (cols + 1)))
        room -= rows * (cols + 1)
        sizes.append((16 * cols, 16 * rows))
    if rng.random() < 0.2:
        sizes = [sizes[0]] * min(num_images, 3) if num_images < 4 else sizes
    return make_plan(sizes, prompt, max_tokens=max_tokens, seed=seed)
