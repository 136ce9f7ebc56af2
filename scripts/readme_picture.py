"""Draw docs/images/readme.png: what the same context is used for by a habit and by a plan.

The habit is the one that people settled on for Cosmos-Transfer1's upsampler: scale the clip to
320x180 and send its first two frames.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import av
from PIL import Image

import budgetfit
from budgetfit.profiles import get_profile
from budgetfit.render import words
from budgetfit.render.contact_sheet import plan_section
from budgetfit.render.sheet import Section, Tile, draw_sheet
from budgetfit.tokens.images import num_image_tokens
from sample_clips import package_clips

TARGET = Path(__file__).parents[1] / "docs" / "images" / "readme.png"
CLIP = "bigbuckbunny"
HABIT_SIZE = (320, 180)
# One for all pictures, so that their sizes compare; less than 1, so that the file is small.
SCALE = 0.4
MAX_BYTES = 400_000


def first_frames(path: Path, number: int) -> list[tuple[float, Image.Image]]:
    """Return the first frames of a clip with their times, at the habit's size."""
    with av.open(str(path)) as container:
        frames = list(itertools.islice(container.decode(video=0), number))
    return [
        (
            float(frame.time or 0),
            Image.fromarray(frame.to_ndarray(format="rgb24")).resize(
                HABIT_SIZE, Image.Resampling.LANCZOS
            ),
        )
        for frame in frames
    ]


def habit_section(path: Path, plan: budgetfit.Plan) -> Section:
    """Return the section of the habit, counted by the rules that the plan was counted by."""
    profile = get_profile(plan.profile)
    cost = num_image_tokens(*HABIT_SIZE, profile)
    text = plan.num_tokens - sum(picture.num_tokens for picture in plan.pictures)
    tiles = tuple(
        Tile(image, words.time(time_s), "{}x{}".format(*HABIT_SIZE), cost)
        for time_s, image in first_frames(path, 2)
    )
    used, room = text + 2 * cost, plan.limits.max_prompt_tokens
    return Section(
        title='The rule of thumb: "320x180, two frames"',
        lines=(f"{used} of {room} prompt tokens used, {1 - used / room:.0%} of the room is empty",),
        tiles=tiles,
        num_text_tokens=text,
        max_prompt_tokens=room,
    )


def main() -> None:
    """Write the picture."""
    path = package_clips()[CLIP]
    plan = budgetfit.plan(path, profile="pixtral-12b")
    planned = plan_section(
        plan, plan.images(), title="The plan for the same 4096 tokens of context"
    )
    sheet = draw_sheet([habit_section(path, plan), planned], scale=SCALE)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(TARGET, optimize=True)
    num_bytes = TARGET.stat().st_size
    print(f"{TARGET}: {sheet.width}x{sheet.height}, {num_bytes} bytes, {plan!r}")
    if num_bytes > MAX_BYTES:
        sys.exit(f"{num_bytes} bytes are more than {MAX_BYTES}; lower SCALE")


if __name__ == "__main__":
    main()
