"""What a video may ask of this machine before it is refused, and how a caller allows more."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import NoReturn, Self

from budgetfit.errors import VideoLimitError
from budgetfit.video.environment import variable, whole_number

__all__ = ["VideoLimits"]


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How large a video may be.

    Each is a whole number in an environment variable, here by its default; read whenever a video is
    opened, so that a program, the command line and workers raise them alike.

    Attributes
    ----------
    max_pixels : int
        ``BUDGETFIT_MAX_PIXELS``: width times height of a frame; 8192 times 8192.
    max_frames : int
        ``BUDGETFIT_MAX_FRAMES``: frames of a video; 33 hours at 25 a second.
    max_duration_s : int
        ``BUDGETFIT_MAX_DURATION_S``: seconds that it lasts; a week.
    max_read_s : int
        ``BUDGETFIT_MAX_READ_S``: seconds from opening it on in which it is read; an hour.
    max_held_bytes : int
        ``BUDGETFIT_MAX_HELD_BYTES``: bytes of what is held in memory as a whole, an open file that
        cannot seek, such as a pipe, or the pictures of an animated WebP; 512 MiB.
    """

    max_pixels: int = field(default=8192 * 8192, metadata={"of": "pixels a frame"})
    max_frames: int = field(default=3_000_000, metadata={"of": "frames"})
    max_duration_s: int = field(default=7 * 24 * 3600, metadata={"of": "s of video"})
    max_read_s: int = field(default=3600, metadata={"of": "s of reading"})
    max_held_bytes: int = field(default=2**29, metadata={"of": "bytes to be held in memory"})

    @classmethod
    def of_environment(cls) -> Self:
        """Return the limits that the environment's variables set.

        Raises
        ------
        UsageError
            A variable is no whole number of at least 1.
        """
        defaults = cls()
        return cls(
            **{one.name: whole_number(one.name, getattr(defaults, one.name)) for one in fields(cls)}
        )

    def check(self, limit: str, asked: float, label: str) -> None:
        """Raise where a video asks for more than the limit of that name.

        Raises
        ------
        VideoLimitError
            It does.
        """
        if asked > getattr(self, limit):
            self.refuse(limit, f"{asked:.15g}", label)

    def refuse(self, limit: str, asked: str, label: str) -> NoReturn:
        """Say that a video asks for more than the limit of that name.

        Raises
        ------
        VideoLimitError
            Always.
        """
        unit = next(one.metadata["of"] for one in fields(self) if one.name == limit)
        raise VideoLimitError(
            f"{label} has {asked} {unit}, and {getattr(self, limit)} are allowed; if you trust it, "
            f"set the environment variable {variable(limit)} to allow more"
        )
