"""A plug-in of vLLM: its server plans videos, and what does not fit, with no proxy before it.

vLLM finds :func:`register` by its entry point ``budgetfit`` in the group ``vllm.general_plugins``,
and calls it in every process it starts. Nothing changes unless ``VLLM_PLUGINS`` names the plug-in.
"""

from __future__ import annotations

import os

__all__ = ["register"]

_NAME = "budgetfit"
_TOKENIZER_MODE = "mistral"


def register() -> None:
    """Have vLLM render chats of models in Mistral's format by way of a plan, where it is asked for.

    An operator asks by ``VLLM_PLUGINS=budgetfit``. vLLM calls every plug-in that is installed where
    the variable is not set: to be installed is not to be asked for.
    """
    named = os.environ.get("VLLM_PLUGINS", "").split(",")
    if _NAME not in named:
        return
    from vllm.renderers.registry import RENDERER_REGISTRY

    RENDERER_REGISTRY.register(
        _TOKENIZER_MODE, "budgetfit.vllm_plugin.renderer", "PlanningRenderer"
    )
