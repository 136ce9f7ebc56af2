"""The bytes of a video, wherever they are: a path, memory, or a file that the caller opened."""

from __future__ import annotations

import io
import os
import stat
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from budgetfit.errors import UsageError, VideoError
from budgetfit.video.fingerprint import fingerprint_file
from budgetfit.video.limits import VideoLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NO_PROTOCOL", "Media", "MemoryMedia", "OpenFileMedia", "PathMedia", "media_of_file"]

# The name of no protocol: FFmpeg reads through PyAV and can open nothing.
NO_PROTOCOL = {"protocol_whitelist": "none"}
_BLOCK_BYTES = 2**20


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

    def has_grown(self) -> bool:
        """Whether the bytes are more by now than when they were counted."""
        ...

    def open_for_av(self) -> AbstractContextManager[tuple[str | BinaryIO, dict[str, str]]]:
        """What PyAV opens, and FFmpeg's options with it; it may be closed once that is done."""
        ...

    def reading(self) -> BinaryIO:
        """Open a binary file over the bytes, at their beginning."""
        ...

    def fingerprint(self) -> str:
        """Digest of length and content."""
        ...


class PathMedia:
    """A regular file on a local file system; never a URL."""

    def __init__(self, path: str) -> None:
        self.path: str | None = path
        # Messages are one line, whatever the name holds.
        self.label = path if path.isprintable() else repr(path)
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

    def check_readable(self) -> None:
        """Do nothing: FFmpeg keeps the file open."""

    def has_grown(self) -> bool:
        """Whether somebody wrote to the file's end since."""
        try:
            return os.stat(cast("str", self.path)).st_size > self.num_bytes
        except OSError:
            return False

    @contextmanager
    def open_for_av(self) -> Iterator[tuple[str | BinaryIO, dict[str, str]]]:
        """Yield FFmpeg's name for a file descriptor, which it makes its own.

        So FFmpeg can open no file by its name, and takes no name for a protocol, a pattern or a
        kind of file.
        """
        descriptor = self._descriptor()
        try:
            yield "fd:", {"protocol_whitelist": "fd", "fd": str(descriptor)}
        finally:
            os.close(descriptor)

    def reading(self) -> BinaryIO:
        """Open a binary file over the bytes, at their beginning."""
        return open(self._descriptor(), "rb")

    def fingerprint(self) -> str:
        """Digest of length and content."""
        with self.reading() as file:
            return fingerprint_file(file, self.num_bytes)

    def _descriptor(self) -> int:
        """Open the file, without waiting for whoever may have put a pipe in its place."""
        try:
            return os.open(cast("str", self.path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
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

    def has_grown(self) -> bool:
        """Return False: the bytes stay."""
        return False

    def open_for_av(self) -> AbstractContextManager[tuple[str | BinaryIO, dict[str, str]]]:
        """Yield a new file over the bytes, without copying them."""
        return nullcontext((io.BytesIO(self._content), dict(NO_PROTOCOL)))

    def reading(self) -> BinaryIO:
        """Open a new file over the bytes."""
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
        self.num_bytes = self._length()

    def check_readable(self) -> None:
        """Raise VideoError if the file was closed."""
        if self._file.closed:
            raise VideoError(f"{self.label} was closed; keep it open while its frames are read")

    def has_grown(self) -> bool:
        """Whether somebody wrote to the file's end since."""
        return not self._file.closed and self._length() > self.num_bytes

    def open_for_av(self) -> AbstractContextManager[tuple[str | BinaryIO, dict[str, str]]]:
        """Yield a view of the file that has its own position."""
        return nullcontext((self.reading(), dict(NO_PROTOCOL)))

    def reading(self) -> BinaryIO:
        """Return a view of the file that has its own position."""
        self.check_readable()
        return cast("BinaryIO", _FileView(self._file))

    def fingerprint(self) -> str:
        """Digest of length and content."""
        return fingerprint_file(self.reading(), self.num_bytes)

    def _length(self) -> int:
        with _KeptPosition(self._file) as file:
            return file.seek(0, os.SEEK_END)


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
        return _read_whole(file)
    except (OSError, TypeError) as error:
        raise VideoError(
            f"the file {file!r} cannot be read ({error}); open it for reading in binary mode"
        ) from error


def _read_whole(file: BinaryIO) -> Media:
    label = f"the open file {getattr(file, 'name', file)!r}"
    limits = VideoLimits.of_environment()
    content = bytearray()
    # A read may give less than it was asked for, and nothing only at the end.
    while block := file.read(_BLOCK_BYTES):
        content += block
        if len(content) > limits.max_held_bytes:
            limits.refuse("max_held_bytes", f"over {limits.max_held_bytes}", label)
    return MemoryMedia(content, label)


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
