"""Plans on a vLLM engine that this program starts: one plan at a time, or many at once."""

from __future__ import annotations

from budgetfit.engines.vllm.async_engine import AsyncVLLMEngine
from budgetfit.engines.vllm.engine import VLLMEngine

__all__ = ["AsyncVLLMEngine", "VLLMEngine"]
