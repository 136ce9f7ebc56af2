"""What Cosmos-Transfer1's upsampler reads of hint videos, and what a plan gives up as room falls.

``python -m benchmarks.hint_video`` writes a hint video for every clip, reads it as the stock
upsampler does, with OpenCV, and counts its request with mistral-common. Then it plans one clip with
a long prompt in ever less room. It writes docs/measured/hint_video.md.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from benchmarks.against_uniform import problem_of
from benchmarks.clips import benchmark_clips
from benchmarks.looking import look
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.rivals import first_two_small, first_two_unscaled
from benchmarks.setting import setting

import budgetfit
from budgetfit.cosmos import hint_video
from budgetfit.errors import InfeasibleError, VideoError
from budgetfit.profiles import get_profile
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer

if TYPE_CHECKING:
    from budgetfit.cosmos import HintVideo

__all__ = ["hint_row", "less_room_table", "read_by_opencv"]

_PROFILE = get_profile("cosmos-transfer1")
_ROOM = _PROFILE.max_model_len - _PROFILE.max_tokens
_LESS_ROOM = (3796, 1600, 800, 400, 200, 120, 60)
_LONG_PROMPT = (
    "Describe what the robot does in each picture, which objects it touches, how its gripper is "
    "turned, and what has changed between the first picture and the last one. Name colours, "
    "materials and the light, and say what cannot be seen."
)


def main() -> None:
    """Write hint videos, read them, and write the page."""
    clips = benchmark_clips()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for path in clips.values() if (row := hint_row(path, Path(folder)))]
    table = Table(
        "Hint videos",
        (
            "clip",
            "two frames of",
            "planned tokens",
            "read and counted",
            "pixels read otherwise",
            "information",
            "first two frames as they are",
            "first two at about 320x180",
        ),
        rows,
    )
    smallest = min(clips.values(), key=lambda path: path.stat().st_size)
    example = clips.get("robot_kitchen_sim.mp4", smallest)
    equal = sum(row[2] == row[3] and row[4] == "0" for row in rows)
    text = (
        f"{setting()} `make bench-hint-video`.",
        f"Each file is read as Cosmos-Transfer1's stock upsampler reads it: OpenCV's first two "
        f"frames, in one message with the prompt, encoded by mistral-common. In {equal} of "
        f"{len(rows)} both the count and every pixel are as planned. Information is the share of "
        f"the clip that the pictures show, by budgetfit's own measure; what does not fit the "
        f"{_ROOM} tokens is marked.",
    )
    tables = [table, less_room_table(example)]
    publish(MEASURED / "hint_video.md", "Hint videos for Cosmos-Transfer1", text, tables)


def hint_row(path: Path, folder: Path) -> tuple[str, ...] | None:
    """Return the row of one clip; None where it cannot be planned."""
    try:
        made = hint_video(path, folder / f"{path.stem}.mp4")
    except VideoError as error:
        print(f"{path.name}: {error}")
        return None
    frames = read_by_opencv(made.path)
    seen = look(path, _PROFILE)
    problem = problem_of(seen, RequestTokenizer(_PROFILE), _ROOM, _PROFILE.max_images)
    first, small = first_two_unscaled(seen, problem, _PROFILE), first_two_small(seen, problem)
    picture = made.plan.pictures[0]
    return (
        path.name,
        f"{picture.width}x{picture.height}",
        str(made.num_tokens),
        str(_counted(frames, made)),
        str(_num_different(frames, made)),
        f"{made.plan.information:.3f}",
        f"{first.information:.3f}" if first.fits else f"{first.num_tokens} tokens do not fit",
        f"{small.information:.3f}",
    )


def read_by_opencv(path: Path) -> list[np.ndarray]:
    """Return the first two frames as OpenCV decodes them, (height, width, 3) in BGR."""
    capture = cv2.VideoCapture(str(path))
    frames = [frame for there, frame in (capture.read() for _ in range(2)) if there]
    capture.release()
    return frames


def _counted(frames: list[np.ndarray], made: HintVideo) -> int:
    parts = [ImagePart(frame.shape[1], frame.shape[0]) for frame in frames]
    request = Request((*parts, TextPart(made.plan.prompt.text)))
    return RequestTokenizer(_PROFILE).encode(request).num_tokens


def _num_different(frames: list[np.ndarray], made: HintVideo) -> int:
    planned = made.plan.images()
    planned += planned * (len(frames) - len(planned))
    return sum(
        int((frame[:, :, ::-1] != np.asarray(image)).any(axis=2).sum())
        for frame, image in zip(frames, planned, strict=True)
    )


def less_room_table(path: Path) -> Table:
    """Return what a plan of at most two pictures with a long prompt sends in ever less room."""
    seen = budgetfit.analyze(path)
    rows = []
    for room in _LESS_ROOM:
        limit = room + _PROFILE.max_tokens
        try:
            plan = budgetfit.plan(seen, _LONG_PROMPT, profile=_PROFILE.name, max_model_len=limit)
        except InfeasibleError as error:
            rows.append((str(room), "none", "0", "0%", f"{error}".partition(";")[0], ""))
            continue
        prompt = plan.prompt
        rows.append(
            (
                str(room),
                ", ".join(f"{picture.width}x{picture.height}" for picture in plan.pictures),
                str(prompt.num_tokens),
                f"{prompt.num_tokens / prompt.num_tokens_full:.0%}",
                str(plan.num_tokens),
                f"{plan.information:.3f}",
            )
        )
    return Table(
        f"Ever less room: {path.name}, a prompt of "
        f"{RequestTokenizer(_PROFILE).count_text(_LONG_PROMPT)} tokens, at most two pictures",
        ("room", "pictures", "prompt tokens", "of the prompt", "tokens sent", "information"),
        rows,
    )


if __name__ == "__main__":
    main()
