"""Planning as a stage of Ray Data: a row with a video becomes a row with its plan."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any, Unpack

from budgetfit.errors import BudgetfitError, UsageError
from budgetfit.jobs import job_of
from budgetfit.planner import plan
from budgetfit.video.held_open import held_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.jobs import Ask
    from budgetfit.plans import Plan
    from budgetfit.prompts.blocks import PromptBlock

__all__ = ["PlanStage"]


class PlanStage:
    """Plans the video of a row: a function for ``Dataset.map``.

    A row has the video's ``bytes``, its ``path``, or both, as ``ray.data.read_binary_files`` with
    ``include_paths=True`` gives them; the bytes are taken where there are any. Where it has a
    ``prompt``, that is taken instead of the stage's. Every other column is kept. The row that comes
    out has no ``bytes``, and these columns:

    - ``plan`` (str): the plan as JSON, without the seconds that it took, so that equal videos give
      equal rows;
    - ``prompt_token_ids`` (list of int), ``num_tokens`` and ``max_tokens`` (int);
    - ``pictures`` (list of bytes): what is sent, as PNG files in the plan's order;
    - ``error`` (str): empty, or the type and the message of the typed error for which there is no
      plan; ``plan`` is empty then, the numbers are 0 and the lists None.

    Parameters
    ----------
    prompt : str or sequence of PromptBlock, optional
        As for :func:`budgetfit.plan`.
    raise_errors : bool
        Whether a video that cannot be planned ends the job instead of being a row with an error.
    time_limit_s : float
        Seconds for the search. Longer than for one plan that somebody waits for: where this limit
        does not strike, a row planned again on another node is the same row.
    relative_gap_limit : float
        As for :func:`budgetfit.plan`.
    **ask
        Everything else that may be asked of a plan. Ray pickles it.

    Raises
    ------
    UsageError
        An argument cannot be used; found here and not on the cluster.
    """

    # What Ray calls the stage in its progress bars and statistics.
    __name__ = "PlanStage"

    def __init__(
        self,
        prompt: str | Sequence[PromptBlock] | None = None,
        *,
        raise_errors: bool = False,
        time_limit_s: float = 60.0,
        relative_gap_limit: float = 0.005,
        **ask: Unpack[Ask],
    ) -> None:
        from budgetfit.search_limits import SearchLimits

        job_of(prompt, ask)
        SearchLimits(relative_gap_limit, time_limit_s, 1)
        self._prompt = prompt
        self._raise_errors = raise_errors
        self._time_limit_s = time_limit_s
        self._relative_gap_limit = relative_gap_limit
        self._ask = ask

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``row`` with its plan in place of its bytes.

        Raises
        ------
        UsageError
            The row has neither ``bytes`` nor ``path``.
        BudgetfitError
            There is no plan, and ``raise_errors`` was asked for.
        """
        video = row.get("bytes") or row.get("path")
        if not video and "path" not in row and "bytes" not in row:
            raise UsageError(
                f"the row has the columns {', '.join(row) or '(none)'}; it needs a video's bytes "
                "or its path"
            )
        kept = {name: value for name, value in row.items() if name != "bytes"}
        try:
            with held_open():
                made = self._plan(row, video)
                pictures = made.images()
            return {**kept, **_columns(made, pictures)}
        except BudgetfitError as error:
            if self._raise_errors:
                raise
            return {**kept, **_no_plan(error)}

    def _plan(self, row: Mapping[str, Any], video: bytes | str | None) -> Plan:
        prompt = row.get("prompt")
        return plan(
            # An empty file is a video that cannot be read, and no lack of one.
            b"" if video is None else video,
            self._prompt if prompt is None else prompt,
            time_limit_s=self._time_limit_s,
            relative_gap_limit=self._relative_gap_limit,
            **self._ask,
        )


def _columns(made: Plan, pictures: Sequence[Image.Image]) -> dict[str, Any]:
    timeless = dataclasses.replace(made, timings_s={})
    return {
        "plan": json.dumps(timeless.to_dict(), ensure_ascii=False),
        "prompt_token_ids": made.prompt_token_ids(),
        "num_tokens": made.num_tokens,
        "max_tokens": made.limits.max_tokens,
        "pictures": [_png(picture) for picture in pictures],
        "error": "",
    }


def _no_plan(error: BudgetfitError) -> dict[str, Any]:
    return {
        "plan": "",
        "prompt_token_ids": None,
        "num_tokens": 0,
        "max_tokens": 0,
        "pictures": None,
        "error": f"{type(error).__name__}: {error}",
    }


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # As for messages: a third of the time of the default for a few per cent more bytes.
    picture.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
