"""What a model's own files say of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budgetfit.errors import ModelFolderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from budgetfit.profiles import ImageRules

__all__ = ["DescribedModel", "positive_int", "read_object"]


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """What the description of a model, ``params.json`` or ``config.json``, says.

    Attributes
    ----------
    source : Path
        The file.
    images : ImageRules
        As its vision encoder cuts images.
    max_model_len : int or None
        Tokens of the longest context; None where the file does not say.
    image_token_ids : mapping of str to int
        Ids of the special tokens ``img``, ``img_break``, ``img_end``, as far as it says.
    """

    source: Path
    images: ImageRules
    max_model_len: int | None
    image_token_ids: Mapping[str, int]


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in ``path``.

    Raises
    ------
    ModelFolderError
        The file cannot be read or holds none.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelFolderError(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ModelFolderError(path, f"is not JSON ({error}); download it again") from error
    if not isinstance(content, dict):
        raise ModelFolderError(path, "holds no JSON object; download it again")
    return content


def positive_int(path: Path, part: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """Return the whole number ``name`` of ``part`` of a file.

    Raises
    ------
    ModelFolderError
        It is missing and there is no ``default``, or it is no whole number of at least 1.
    """
    value = part.get(name, default)
    if type(value) is not int or value < 1:
        raise ModelFolderError(
            path, f"has {name} {value!r}; it must be a whole number of at least 1"
        )
    return value
