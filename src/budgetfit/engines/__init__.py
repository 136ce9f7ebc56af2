"""Where a plan is run: vLLM in this process, or an OpenAI-compatible server.

Importing this package loads neither vLLM nor openai; making an engine does.
"""

from __future__ import annotations

from budgetfit.engines.base import Answer, Engine
from budgetfit.engines.openai import OpenAIEngine
from budgetfit.engines.vllm import VLLMEngine

__all__ = ["Answer", "Engine", "OpenAIEngine", "VLLMEngine"]
