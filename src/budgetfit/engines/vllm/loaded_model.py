"""What a plan must agree with in the model that vLLM has loaded."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budgetfit.engines.checks import check_rules
from budgetfit.model_folders import is_model_folder, read_model_folder

if TYPE_CHECKING:
    from budgetfit.plans import Plan
    from budgetfit.profiles import TokenRules

__all__ = ["LoadedModel"]


class LoadedModel:
    """The model of an engine, as far as it decides about token counts.

    Parameters
    ----------
    model : str or path
        Its folder, or its name on a hub.
    config : vllm.config.ModelConfig
        What vLLM made of it.
    """

    def __init__(self, model: str | os.PathLike[str], config: Any) -> None:
        self._folder = os.path.abspath(model)
        # For models in Hugging Face's format vLLM makes the tokens of an image from one of them.
        self._takes_one_token_an_image = config.hf_config.model_type in {"llava", "mistral3"}

    def check(self, plan: Plan) -> None:
        """Check that the model counts as ``plan`` did.

        Raises
        ------
        UsageError
            It counts by other token rules.
        """
        # A name on a hub tells nothing before the engine counts.
        if plan.profile != self._folder and is_model_folder(self._folder):
            check_rules(plan, self._rules, self._folder)

    def prompt_token_ids(self, plan: Plan) -> list[int]:
        """Return the token ids that vLLM takes for the request of ``plan``."""
        token_ids = plan.prompt_token_ids()
        if self._takes_one_token_an_image:
            return plan.tokenizer().image_token_ids.one_each(token_ids)
        return token_ids

    @cached_property
    def _rules(self) -> TokenRules:
        from budgetfit.tokens.tokenizer import RequestTokenizer

        return RequestTokenizer(read_model_folder(self._folder)).rules
