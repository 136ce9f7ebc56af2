"""The bytes of a video, wherever they are: a path, memory, or a file that the caller opened."""

from __future__ import annotations

import io
import os
import stat
from typing import BinaryIO, Protocol, cast

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.fingerprint import fingerprint_file

__all__ = ["Media", "MemoryMedia", "OpenFileMedia", "PathMedia", "media_of_file"]


class Media(Protocol):
    """Where a container's bytes come from.

    Attributes
    ----------
    label : str
        What messages call it.
    path : str or None
        The path as the caller gave it.
    num_bytes : int
        Its length.
    """

    label: str
    path: str | None
    num_bytes: int

    def check_readable(self) -> None:
        """Raise VideoError if the bytes are gone."""
        ...

    def open_for_av(self) -> str | BinaryIO:
        """What PyAV opens: a path that cannot be taken for a URL, or a binary file."""
        ...

    def fingerprint(self) -> str:
        """Digest of length and content."""
        ...


class PathMedia:
    """A regular file on a local file system; never a URL."""

    def __init__(self, path: str) -> None:
        self.path: str | None = path
        self.label = path
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise VideoError(
                f"{path!r} cannot be opened ({reason}); give the path of a local video file"
            ) from error
        if stat.S_ISDIR(status.st_mode):
            raise VideoError(f"{path!r} is a directory; give the path of one video file")
        if not stat.S_ISREG(status.st_mode):
            raise VideoError(
                f"{path!r} is not a regular file; open it yourself and pass the open file"
            )
        self.num_bytes = status.st_size
        # Without a scheme in front, FFmpeg takes "a:b.mp4" for a protocol called "a".
        self._url = f"file:{os.path.abspath(path)}"

    def check_readable(self) -> None:
        """Do nothing: FFmpeg keeps the file open."""

    def open_for_av(self) -> str:
        """Return the path with FFmpeg's scheme for local files."""
        return self._url

    def fingerprint(self) -> str:
        """Digest of length and content."""
        try:
            with open(cast("str", self.path), "rb") as file:
                return fingerprint_file(file, self.num_bytes)
        except OSError as error:
            raise VideoError(
                f"{self.path!r} cannot be read ({error.strerror}); check its permissions"
            ) from error


class MemoryMedia:
    """A whole video in memory."""

    def __init__(
        self, content: bytes | bytearray | memoryview, label: str = "the video in memory"
    ) -> None:
        self.label = label
        self.path: str | None = None
        self._content = bytes(content)
        self.num_bytes = len(self._content)

    def check_readable(self) -> None:
        """Do nothing: the bytes stay."""

    def open_for_av(self) -> BinaryIO:
        """Return a new file over the bytes, without copying them."""
        return io.BytesIO(self._content)

    def fingerprint(self) -> str:
        """Digest of length and content."""
        return fingerprint_file(io.BytesIO(self._content), self.num_bytes)


class OpenFileMedia:
    """A seekable binary file that the caller opened, will close, and may go on using."""

    def __init__(self, file: BinaryIO) -> None:
        self.label = f"the open file {getattr(file, 'name', file)!r}"
        self.path: str | None = None
        self._file = file
        position = file.tell()
        self.num_bytes = file.seek(0, os.SEEK_END)
        file.seek(position)

    def check_readable(self) -> None:
        """Raise VideoError if the file was closed."""
        if self._file.closed:
            raise VideoError(f"{self.label} was closed; keep it open while its frames are read")

    def open_for_av(self) -> BinaryIO:
        """Return a view of the file that has its own position."""
        self.check_readable()
        return cast("BinaryIO", _FileView(self._file))

    def fingerprint(self) -> str:
        """Digest of length and content."""
        return fingerprint_file(self.open_for_av(), self.num_bytes)


def media_of_file(file: BinaryIO) -> Media:
    """Wrap an open binary file; one that cannot seek is read into memory here.

    Raises
    ------
    UsageError
        The file was opened in text mode.
    VideoError
        The file is closed or cannot be read.
    """
    if isinstance(file, io.TextIOBase):
        raise UsageError(f"{file!r} was opened in text mode; open it with mode 'rb'")
    if getattr(file, "closed", False):
        raise VideoError(f"the file {file!r} is closed; pass an open file")
    if not file.readable():
        raise VideoError(f"the file {file!r} was opened for writing; open it with mode 'rb'")
    try:
        if file.seekable():
            return OpenFileMedia(file)
        return MemoryMedia(file.read(), f"the open file {getattr(file, 'name', file)!r}")
    except (OSError, TypeError) as error:
        raise VideoError(
            f"the file {file!r} cannot be read ({error}); open it for reading in binary mode"
        ) from error


class _FileView(io.RawIOBase):
    """A second position in a file: every read leaves the file's own position as it was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _KeptPosition(self._file) as file:
            if whence == os.SEEK_CUR:
                offset, whence = offset + self._position, os.SEEK_SET
            self._position = file.seek(offset, whence)
        return self._position

    def read(self, size: int = -1) -> bytes:
        with _KeptPosition(self._file) as file:
            file.seek(self._position)
            block = file.read(size)
        self._position += len(block)
        return block


class _KeptPosition:
    """Puts a file's position back at the end of a ``with`` block."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = file.tell()

    def __enter__(self) -> BinaryIO:
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.seek(self._position)
