"""The first bytes of a file that is still being written, as if they were all of it."""

from __future__ import annotations

import io
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO, cast

from budgetfit.video.fingerprint import fingerprint_file
from budgetfit.video.media import NO_PROTOCOL

if TYPE_CHECKING:
    from budgetfit.video.media import Media

__all__ = ["FirstBytes"]


class FirstBytes:
    """What a file held when it was looked at first, whatever was written to its end since.

    Parameters
    ----------
    media : Media
        The whole file.
    num_bytes : int
        How many of its bytes count, at most all of them.
    """

    def __init__(self, media: Media, num_bytes: int) -> None:
        self.label = media.label
        self.path = media.path
        self.num_bytes = num_bytes
        self._media = media

    def check_readable(self) -> None:
        """Raise VideoError if the bytes are gone."""
        self._media.check_readable()

    def has_grown(self) -> bool:
        """Whether the file is longer by now."""
        return True

    def open_for_av(self) -> AbstractContextManager[tuple[str | BinaryIO, dict[str, str]]]:
        """Yield a binary file over the first bytes, and options that let FFmpeg open no other."""
        return nullcontext((self.reading(), dict(NO_PROTOCOL)))

    def reading(self) -> BinaryIO:
        """Open a binary file over the first bytes, at their beginning."""
        return cast("BinaryIO", _FirstBytesFile(self._media.reading(), self.num_bytes))

    def fingerprint(self) -> str:
        """Digest of length and content."""
        with self.reading() as file:
            return fingerprint_file(file, self.num_bytes)


class _FirstBytesFile(io.RawIOBase):
    """A file that ends after so many bytes of another, which it owns."""

    def __init__(self, file: BinaryIO, num_bytes: int) -> None:
        self._file = file
        self._num_bytes = num_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            offset, whence = offset + self._num_bytes, os.SEEK_SET
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        left = max(self._num_bytes - self._file.tell(), 0)
        return self._file.read(left if size < 0 else min(size, left))

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
