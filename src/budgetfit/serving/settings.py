"""What the proxy may do, and how much of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.model_folders.folders import find_profile
from budgetfit.profiles import DEFAULT_PROFILE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MIB", "PlanningSettings", "ServeSettings"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """What a worker process may do for one request.

    Attributes
    ----------
    profile : str
        Name of the model's rules, or the model's folder.
    max_tokens : int
        Tokens kept for the answer where the request names no number.
    max_images : int or None
        Images that the server takes in a request; None where only the tokens limit them.
    max_model_len : int or None
        At most so many tokens of prompt and answer, whatever the server takes.
    time_limit_s : float
        Seconds to search for a plan.
    allowed_dirs : tuple of Path
        Folders below which clients may name files.
    allowed_hosts : tuple of str
        Hosts, as ``name`` or ``name:port``, that ``http`` and ``https`` addresses may name.
    fetch_timeout_s : float
        Seconds for one address, redirects included.
    max_media_bytes : int
        Bytes of one video or picture.
    max_video_s : float
        Seconds that a video may last.
    max_pixels : int
        Pixels of a picture, or of a frame of a video.
    max_request_images : int
        Pictures that a client may send in one request.
    cache_bytes : int
        Bytes of videos and of what was seen of them that a worker keeps for requests that follow.
    memory_bytes : int
        Address space of a worker process.

    Raises
    ------
    UsageError
        A number is not positive, the profile is unknown, or a folder is none.
    """

    profile: str = DEFAULT_PROFILE
    max_tokens: int = 300
    max_images: int | None = None
    max_model_len: int | None = None
    time_limit_s: float = 2.0
    allowed_dirs: tuple[Path, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    fetch_timeout_s: float = 20.0
    max_media_bytes: int = 64 * MIB
    max_video_s: float = 3600.0
    max_pixels: int = 8192 * 4320
    max_request_images: int = 256
    cache_bytes: int = 128 * MIB
    memory_bytes: int = 8192 * MIB

    def __post_init__(self) -> None:
        find_profile(self.profile)
        check_positive(self, *(set(self.__slots__) - {"profile", "allowed_dirs", "allowed_hosts"}))
        for folder in self.allowed_dirs:
            if not os.path.isdir(folder):
                raise UsageError(
                    f"the allowed folder {folder} is no folder; give one that clients may read from"
                )
        for host in self.allowed_hosts:
            if not host or "/" in host or "@" in host:
                raise UsageError(
                    f"the allowed host is {host!r}; give a name alone or as name:port, "
                    "without a scheme"
                )


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What the proxy as a whole may do.

    Attributes
    ----------
    base_url : str
        The server that answers, up to and with ``/v1``.
    planning : PlanningSettings
        What a worker may do for one request.
    num_workers : int
        Processes that plan.
    planning_timeout_s : float
        Seconds that a worker may take for one request; then it is ended.
    max_waiting : int
        Requests that may wait for a worker; more are told to come back.
    max_body_bytes : int
        Bytes of one request.
    max_held_bytes : int
        Bytes of all requests that wait or are planned.
    body_timeout_s : float
        Seconds in which a request must have arrived.
    upstream_timeout_s : float
        Seconds without a byte after which the server is given up.
    max_stored_plans : int
        Plans that can be asked for again.

    Raises
    ------
    UsageError
        A number is not positive, or ``base_url`` is no address of a server.
    """

    base_url: str
    planning: PlanningSettings = field(default_factory=PlanningSettings)
    num_workers: int = 1
    planning_timeout_s: float = 60.0
    max_waiting: int = 256
    max_body_bytes: int = 96 * MIB
    max_held_bytes: int = 1024 * MIB
    body_timeout_s: float = 60.0
    upstream_timeout_s: float = 600.0
    max_stored_plans: int = 1000

    def __post_init__(self) -> None:
        check_positive(self, *(set(self.__slots__) - {"base_url", "planning"}))
        if not self.base_url.startswith(("http://", "https://")):
            raise UsageError(
                f"the base URL is {self.base_url!r}; give the address of an OpenAI-compatible "
                "server, such as http://127.0.0.1:8000/v1"
            )

    @property
    def root_url(self) -> str:
        """The server's address without ``/v1``."""
        return self.base_url.rstrip("/").removesuffix("/v1").rstrip("/")


def check_positive(settings: object, *names: str) -> None:
    """Raise unless each of the numbers is above 0 or None.

    Raises
    ------
    UsageError
        One is not.
    """
    for name in sorted(names):
        value = getattr(settings, name)
        if value is not None and not (isinstance(value, int | float) and value > 0):
            raise UsageError(f"{name} is {value!r}; it must be above 0")
