"""What a plan is made of: its video, limits, frames, sheets and prompt, each as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from budgetfit.prompts.sending import PlannedBlock
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Limits",
    "PlannedBlock",
    "PlannedFrame",
    "PlannedPrompt",
    "PlannedSheet",
    "PlannedVideo",
    "sent_pictures",
]


@dataclass(frozen=True, slots=True)
class PlannedVideo:
    """The video that was planned.

    Attributes
    ----------
    path : str or None
        The file; None for bytes, open files and image sequences.
    width, height : int
        Size in pixels as displayed: rotation and pixel aspect ratio applied.
    duration_s : float
        Length in seconds.
    fingerprint : str
        Tells this video from others when the plan is used later.
    num_bytes : int or None
        How long the file was, which may be longer by then; None for image sequences.
    """

    path: str | None
    width: int
    height: int
    duration_s: float
    fingerprint: str
    num_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the plan had to keep.

    Attributes
    ----------
    max_model_len : int
        Tokens that the context holds, prompt and generated together.
    max_tokens : int
        Tokens reserved for the answer.
    max_prompt_tokens : int
        Tokens that the prompt may have: ``max_model_len - max_tokens``.
    max_images : int or None
        Pictures that the request may have; None where only the tokens limit them.
    """

    max_model_len: int
    max_tokens: int
    max_prompt_tokens: int
    max_images: int | None


@dataclass(frozen=True, slots=True)
class PlannedFrame:
    """A moment that is sent, as a picture of its own or as a tile of a sheet.

    Attributes
    ----------
    time_s : float
        When a player shows it, in seconds.
    pts : int
        Presentation timestamp in the stream's time base.
    width, height : int
        Size in pixels as sent: whole patches, or in a tile what is inside its separators.
    num_tokens : int
        Prompt tokens that it costs, its time label not included. In a tile, the patches of its
        cell with those of its drawn label; the tokens that end the sheet's rows are the sheet's
        alone.
    """

    time_s: float
    pts: int
    width: int
    height: int
    num_tokens: int


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """A picture that shows several moments as equal tiles, row by row in time order.

    Attributes
    ----------
    frames : tuple of int
        Indices into ``Plan.frames``, rising, one a tile: ``columns * rows``.
    columns, rows : int
        Tiles across and down.
    width, height : int
        Size in pixels as sent, whole patches.
    num_tokens : int
        Prompt tokens that it costs as one image.
    label_rows : int
        Rows of patches above each tile for its drawn time label: 0 or 1.
    """

    frames: tuple[int, ...]
    columns: int
    rows: int
    width: int
    height: int
    num_tokens: int
    label_rows: int = 0

    @classmethod
    def of(cls, frames: Sequence[int], sheet: SheetGrid, side: int) -> PlannedSheet:
        """Return the sheet of these frames, for patches of ``side`` pixels."""
        return cls(
            frames=tuple(frames),
            columns=sheet.columns,
            rows=sheet.rows,
            width=sheet.grid.columns * side,
            height=sheet.grid.rows * side,
            num_tokens=sheet.num_tokens,
            label_rows=sheet.label_rows,
        )

    def layout(self, side: int) -> SheetGrid:
        """Return how its tiles lie on patches of ``side`` pixels."""
        columns = self.width // side // self.columns
        rows = self.height // side // self.rows - self.label_rows
        return SheetGrid(self.columns, self.rows, ImageGrid(columns, rows), self.label_rows)


@dataclass(frozen=True, slots=True)
class PlannedPrompt:
    """The text that is sent.

    Attributes
    ----------
    text : str
        The prompt, or what is kept of it.
    num_tokens : int
        Its tokens, those of the system prompt included.
    num_tokens_full : int
        What they were before the cut.
    blocks : tuple of PlannedBlock
        What is sent of each block; empty where the prompt was given as one str.
    """

    text: str
    num_tokens: int
    num_tokens_full: int
    blocks: tuple[PlannedBlock, ...] = ()


class _Sheet(Protocol):
    @property
    def frames(self) -> tuple[int, ...]: ...


_FrameT = TypeVar("_FrameT")
_SheetT = TypeVar("_SheetT")


def sent_pictures(
    frames: Sequence[_FrameT], sheets: Sequence[_Sheet], drawn: Sequence[_SheetT]
) -> tuple[_FrameT | _SheetT, ...]:
    """Return the frames, those on sheets replaced by their sheets, in the order they are sent.

    Parameters
    ----------
    frames : sequence
        What stands for each frame of a plan.
    sheets : sequence of PlannedSheet
        The plan's; they say which frames are on which.
    drawn : sequence
        What stands for each sheet.
    """
    first = {sheet.frames[0]: each for sheet, each in zip(sheets, drawn, strict=True)}
    tiles = {index for sheet in sheets for index in sheet.frames}
    return tuple(
        first.get(index, frame)
        for index, frame in enumerate(frames)
        if index in first or index not in tiles
    )
