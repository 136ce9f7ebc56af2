"""What the plug-in may do: as vLLM's own options say, and over them one variable."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UsageError
from budgetfit.model_folders import is_model_folder
from budgetfit.serving.settings import PlanningSettings, check_positive

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VARIABLE", "PluginSettings", "settings_of"]

VARIABLE = "BUDGETFIT_VLLM"
"""Name of the environment variable with settings, as a JSON object."""

_LISTS: dict[str, type] = {"allowed_dirs": Path, "allowed_hosts": str}


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """What the plug-in may do in one process of the server.

    Attributes
    ----------
    planning : PlanningSettings
        What a worker may do for one request.
    num_workers : int
        Processes that plan.
    planning_timeout_s : float
        Seconds that a worker may take for one request; then it is ended.
    max_waiting : int
        Requests that may wait for a worker.

    Raises
    ------
    UsageError
        A number is not positive.
    """

    planning: PlanningSettings
    num_workers: int = 1
    planning_timeout_s: float = 60.0
    max_waiting: int = 256

    def __post_init__(self) -> None:
        check_positive(self, "num_workers", "planning_timeout_s", "max_waiting")


def settings_of(model: Any, environment: Mapping[str, str] = os.environ) -> PluginSettings:
    """Return the settings for a model that vLLM serves.

    Parameters
    ----------
    model : vllm.config.ModelConfig
        Its folder, its images in a request, and what clients may name: files below
        ``--allowed-local-media-path`` and hosts of ``--allowed-media-domains``. Where vLLM names no
        hosts it fetches from any; the plug-in then fetches from none.
    environment : mapping of str to str
        ``BUDGETFIT_VLLM`` may have fields of :class:`PluginSettings` and its ``planning`` that are
        to be otherwise.

    Raises
    ------
    UsageError
        The model's token rules are unknown, or the variable is none of settings.
    """
    given = _given(environment.get(VARIABLE, "{}"))
    folder = model.allowed_local_media_path
    images = model.multimodal_config and model.multimodal_config.get_limit_per_prompt("image")
    planning: dict[str, Any] = {
        "max_images": images or None,
        "allowed_dirs": (Path(folder),) if folder else (),
        "allowed_hosts": tuple(model.allowed_media_domains or ()),
    }
    own = {field.name for field in fields(PluginSettings)} - {"planning"}
    names = {field.name for field in fields(PlanningSettings)}
    unknown = sorted(given.keys() - own - names)
    if unknown:
        raise UsageError(
            f"{VARIABLE} has {unknown[0]!r}; give some of {', '.join(sorted(own | names))}"
        )
    if "profile" not in given:
        if not is_model_folder(model.model):
            raise UsageError(
                f"the model {model.model!r} is no folder that tells its token rules; name them as "
                f'{VARIABLE}=\'{{"profile": "pixtral-12b"}}\', or serve the model from its folder'
            )
        planning["profile"] = str(model.model)
    planning |= {name: _of_json(name, value) for name, value in given.items() if name in names}
    return PluginSettings(
        PlanningSettings(**planning), **{name: given[name] for name in given if name in own}
    )


def _given(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{VARIABLE} is no JSON ({error}); give an object of settings") from error
    if not isinstance(given, dict):
        raise UsageError(f"{VARIABLE} is {text}; give a JSON object of settings")
    return given


def _of_json(name: str, value: Any) -> Any:
    if name not in _LISTS:
        return value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"{name} in {VARIABLE} is {value!r}; give a list of strings")
    return tuple(map(_LISTS[name], value))
