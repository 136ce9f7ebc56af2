"""The tokenizer under test and mistral-common's own beside it."""

from __future__ import annotations

from typing import Any

import pytest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

from budgetfit.profiles import PROFILES, ModelProfile
from budgetfit.tokens.tokenizer import RequestTokenizer


@pytest.fixture(scope="session")
def profile() -> ModelProfile:
    return PROFILES["pixtral-12b"]


@pytest.fixture(scope="session")
def tokenizer(profile: ModelProfile) -> RequestTokenizer:
    return RequestTokenizer(profile)


@pytest.fixture(scope="session")
def mistral() -> MistralTokenizer[Any, Any, Any, Any, Any]:
    """Pixtral's tokenizer as mistral-common loads it, nothing of budgetfit in between."""
    return MistralTokenizer.v3(is_tekken=True, is_mm=True)
