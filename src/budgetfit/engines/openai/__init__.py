"""Plans on a server that speaks OpenAI's protocol: one plan at a time, or many at once."""

from __future__ import annotations

from budgetfit.engines.openai.async_engine import AsyncOpenAIEngine
from budgetfit.engines.openai.engine import OpenAIEngine

__all__ = ["AsyncOpenAIEngine", "OpenAIEngine"]
