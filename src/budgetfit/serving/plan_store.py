"""What was told of requests, to be asked for again."""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from budgetfit.serving.settings import MIB

if TYPE_CHECKING:
    from budgetfit.serving.fitted import Report

__all__ = ["PlanStore"]

_MAX_BYTES = 64 * MIB


class PlanStore:
    """The last reports, up to a number of them and of bytes.

    Parameters
    ----------
    max_plans : int
        How many are kept.
    max_bytes : int
        Bytes of their JSON that are kept.
    """

    def __init__(self, max_plans: int, max_bytes: int = _MAX_BYTES) -> None:
        self._max_plans = max_plans
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._num_bytes = 0

    def add(self, report: Report) -> dict[str, Any]:
        """Keep a report, and return it as it is told: with an id that cannot be guessed."""
        document = {
            # A plan holds a client's text.
            "id": f"plan-{secrets.token_urlsafe(16)}",
            "object": "budgetfit.plan",
            "created": int(time.time()),
            **dataclasses.asdict(report),
            "counted_num_tokens": None,
        }
        self._put(document)
        return document

    def count(self, plan_id: str, counted: int) -> None:
        """Note what the server counted."""
        document = self.get(plan_id)
        if document is not None and document["counted_num_tokens"] != counted:
            self._put({**document, "counted_num_tokens": counted})

    def get(self, plan_id: str) -> dict[str, Any] | None:
        """Return what was told of a request; None where it is not kept any more."""
        kept = self._kept.get(plan_id)
        return None if kept is None else json.loads(kept)

    def _put(self, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self._num_bytes += len(content) - len(self._kept.pop(document["id"], b""))
        self._kept[document["id"]] = content
        while len(self._kept) > self._max_plans or self._num_bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._num_bytes -= len(oldest)
