"""The bytes that an address in a request names: data, an allowed file, or an allowed host's."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from budgetfit.errors import MissingExtraError, UsageError, VideoError

if TYPE_CHECKING:
    import httpx

    from budgetfit.serving.settings import PlanningSettings

__all__ = ["read_media"]

_MAX_REDIRECTS = 3
_SHOWN_CHARACTERS = 60


def read_media(url: str, settings: PlanningSettings) -> bytes:
    """Return the bytes that ``url`` names.

    Parameters
    ----------
    url : str
        ``data:...;base64,...``, ``file://...``, an absolute path, or ``http(s)://...``.
    settings : PlanningSettings
        What may be read, and how much.

    Raises
    ------
    UsageError
        It may not be read, is too large, or is no address.
    VideoError
        It cannot be read.
    """
    scheme = url.partition(":")[0].lower() if ":" in url else ""
    if scheme == "data":
        return _of_data(url, settings)
    if scheme in {"http", "https"}:
        return _fetched(url, settings)
    if scheme == "file" or url.startswith("/"):
        return _of_file(url, settings)
    raise UsageError(
        f"{_shown(url)} cannot be read; send data:...;base64,..., or the absolute path of a file "
        "in a folder that the proxy was started with as --allow-dir"
    )


def _of_data(url: str, settings: PlanningSettings) -> bytes:
    head, comma, payload = url.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise UsageError(f"{_shown(url)} is no base64 data; send data:video/mp4;base64,...")
    # Four characters hold three bytes.
    if len(payload) * 3 // 4 > settings.max_media_bytes + 2:
        raise _too_large("the data in the request", settings)
    try:
        # As everywhere in MIME, line breaks may be inside.
        content = base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(
            f"{_shown(url)} is no base64 data ({error}); encode the file's bytes"
        ) from error
    if not content:
        raise UsageError(f"{_shown(url)} is empty; send the file's bytes")
    return content


def _of_file(url: str, settings: PlanningSettings) -> bytes:
    """Read a file below an allowed folder; what was opened is what is checked."""
    refused = UsageError(
        f"the file {_shown(url)} may not be read; the proxy reads files only in folders that it "
        "was started with as --allow-dir"
    )
    path = _path_of(url)
    if path is None or not settings.allowed_dirs or "\0" in path:
        raise refused
    # Before anything is opened: a pipe or a device elsewhere is not touched.
    if not _is_allowed(os.path.realpath(path), settings):
        raise refused
    try:
        # Without O_NONBLOCK, opening a pipe waits for its writer.
        descriptor = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise VideoError(
            f"{_shown(url)} cannot be opened ({error.strerror}); check its path"
        ) from error
    with open(descriptor, "rb") as file:
        # A folder on the way may have been replaced by a link since.
        if not _is_allowed(os.readlink(f"/proc/self/fd/{descriptor}"), settings):
            raise refused
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise VideoError(f"{_shown(url)} is not a regular file; name one")
        if status.st_size > settings.max_media_bytes:
            raise _too_large(_shown(url), settings)
        return file.read(settings.max_media_bytes)


def _path_of(url: str) -> str | None:
    if not url.lower().startswith("file:"):
        return url
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
        return None
    return unquote(parts.path)


def _is_allowed(path: str, settings: PlanningSettings) -> bool:
    for folder in settings.allowed_dirs:
        real = os.path.realpath(folder)
        if os.path.commonpath([real, path]) == real and path != real:
            return True
    return False


def _fetched(url: str, settings: PlanningSettings) -> bytes:
    """Fetch from an allowed host, and from others only where they are allowed too."""
    try:
        import httpx
    except ImportError as error:
        raise MissingExtraError("httpx", "serve") from error

    deadline = time.monotonic() + settings.fetch_timeout_s
    try:
        with httpx.Client(
            follow_redirects=False, trust_env=False, timeout=settings.fetch_timeout_s
        ) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                _check_host(url, settings)
                with client.stream("GET", url) as response:
                    if response.next_request is not None:
                        url = str(response.next_request.url)
                        continue
                    if response.status_code != 200:
                        raise VideoError(
                            f"{_shown(url)} answered {response.status_code}; check the address"
                        )
                    return _limited(response, url, settings, deadline)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise VideoError(
            f"{_shown(url)} cannot be fetched ({error or type(error).__name__}); "
            "send the bytes as data:...;base64,..."
        ) from error
    raise VideoError(f"{_shown(url)} redirects more than {_MAX_REDIRECTS} times; name the file")


def _check_host(url: str, settings: PlanningSettings) -> None:
    try:
        parts = urlsplit(url)
        names = {parts.hostname, f"{parts.hostname}:{parts.port}"}
        is_web = parts.scheme in {"http", "https"}
    except ValueError:
        names, is_web = set(), False
    if not is_web or not names & set(settings.allowed_hosts):
        raise UsageError(
            f"{_shown(url)} is not fetched; send the bytes as data:...;base64,..., or start the "
            "proxy with its host as --allow-host"
        )


def _limited(
    response: httpx.Response, url: str, settings: PlanningSettings, deadline: float
) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > settings.max_media_bytes:
            raise _too_large(_shown(url), settings)
        if time.monotonic() > deadline:
            raise VideoError(
                f"{_shown(url)} took over {settings.fetch_timeout_s:g} s; send the bytes"
            )
    return bytes(content)


def _too_large(what: str, settings: PlanningSettings) -> UsageError:
    return UsageError(
        f"{what} has more than the {settings.max_media_bytes} bytes that the proxy takes; send "
        "a smaller file, or start the proxy with a larger --max-media-mib"
    )


def _shown(url: str) -> str:
    return repr(url if len(url) <= _SHOWN_CHARACTERS else url[:_SHOWN_CHARACTERS] + "...")
