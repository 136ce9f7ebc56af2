"""Which headers pass, and those that tell of a plan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from budgetfit.serving.fitted import Report

__all__ = ["passed_down", "passed_up", "report_headers"]

# RFC 9110, section 7.6.1, and what older software sends in their place.
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# Made anew for each connection. Answers are looked at, so none may come compressed.
_OWN_UP = {"host", "content-length", "accept-encoding", "expect"}
_OWN_DOWN = {"content-length", "date", "server"}

_PREFIX = "x-budgetfit-"
_MAX_CHARACTERS = 1000


def passed_up(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the client's headers that the server gets."""
    return [*_end_to_end(headers, _OWN_UP), ("accept-encoding", "identity")]


def passed_down(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the server's headers that the client gets; those of plans are the proxy's alone."""
    passed = _end_to_end(headers, _OWN_DOWN)
    return [(name, value) for name, value in passed if not name.startswith(_PREFIX)]


def report_headers(report: Report, plan_id: str | None = None) -> dict[str, str]:
    """Return the headers that tell of a request; what is unknown has none."""
    values: Mapping[str, object] = {
        "outcome": report.outcome,
        "plan-id": plan_id,
        "num-tokens": report.num_tokens,
        "max-model-len": report.max_model_len,
        "num-images": report.num_images,
        "information": _rounded(report.information),
        "best-bound": _rounded(report.best_bound),
        "gap": _rounded(report.gap),
        "status": report.status,
        "warnings": " | ".join(report.warnings) or None,
    }
    return {
        f"{_PREFIX}{name}": _as_value(value) for name, value in values.items() if value is not None
    }


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _as_value(value: object) -> str:
    """Return a text that can be a header's value: printable ASCII of limited length."""
    text = re.sub(r"[^ -~]", "?", str(value))
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 3] + "..."


def _end_to_end(headers: Iterable[tuple[str, str]], own: set[str]) -> list[tuple[str, str]]:
    pairs = [(name.lower(), value) for name, value in headers]
    named = {
        option.strip().lower()
        for name, value in pairs
        if name == "connection"
        for option in value.split(",")
    }
    left = _HOP_BY_HOP | own | named
    return [(name, value) for name, value in pairs if name not in left]
