"""A planned row as ``ray.data.llm`` takes it, and what comes back as an answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from budgetfit.errors import TokenMismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["answer_row", "request_row"]

# The column by which the stages of ray.data.llm know rows that they pass on unchanged.
_RAY_ERROR = "__inference_error__"


def request_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ray.data.llm's vLLM engine stage takes for a row of :class:`PlanStage`.

    The ``preprocess`` of ``ray.data.llm.build_processor``, without its stages for chat templates,
    multimodal content, tokens and text: the planned token ids are sent, with the pictures beside
    them. A row with an error becomes one that the engine passes on and never sees.

    Returns
    -------
    dict
        ``tokenized_prompt`` (list of int), ``multimodal_data`` (``{"image": [PIL.Image.Image]}``)
        and ``sampling_params`` (``max_tokens``, and ``temperature`` 0 unless the row has a column
        ``sampling_params`` that says otherwise). Every row says whether it has an error, since
        Ray takes a missing word for one where rows with and without meet.
    """
    if row["error"]:
        return {_RAY_ERROR: row["error"]}
    return {
        _RAY_ERROR: "",
        "tokenized_prompt": [int(token) for token in row["prompt_token_ids"]],
        "multimodal_data": {"image": [_picture(png) for png in row["pictures"]]},
        "sampling_params": {
            "temperature": 0.0,
            **(row.get("sampling_params") or {}),
            "max_tokens": int(row["max_tokens"]),
        },
    }


def answer_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a row that ray.data.llm's processor gives, for ``Dataset.map``.

    Parameters
    ----------
    row : mapping
        With the columns of :class:`PlanStage` and those of the vLLM engine stage.

    Returns
    -------
    dict
        ``path`` (str, empty where the video had none), ``plan`` (str, JSON), ``num_tokens`` (int,
        of the prompt, equal to the engine's own count), ``text`` (str), ``num_completion_tokens``
        (int) and ``error`` (str). Every row has all of them, and no other.

    Raises
    ------
    TokenMismatchError
        The engine counted other prompt tokens than the plan.
    """
    error = row.get("error") or row.get(_RAY_ERROR) or ""
    num_tokens = int(row["num_tokens"])
    if not error and row["num_input_tokens"] != num_tokens:
        raise TokenMismatchError(num_tokens, int(row["num_input_tokens"]), "vLLM")
    return {
        "path": row.get("path") or "",
        "plan": row["plan"],
        "num_tokens": num_tokens,
        "text": "" if error else row["generated_text"],
        "num_completion_tokens": 0 if error else int(row["num_generated_tokens"]),
        "error": error,
    }


def _picture(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture
