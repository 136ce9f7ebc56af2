"""Where a plan is run: vLLM in this program, or an OpenAI-compatible server.

Importing this package loads neither vLLM nor openai; making an engine does.
"""

from __future__ import annotations

from budgetfit.engines.base import Answer, AsyncEngine, Engine
from budgetfit.engines.openai import AsyncOpenAIEngine, OpenAIEngine
from budgetfit.engines.streams import AnswerStream, AsyncAnswerStream
from budgetfit.engines.vllm import AsyncVLLMEngine, VLLMEngine

__all__ = [
    "Answer",
    "AnswerStream",
    "AsyncAnswerStream",
    "AsyncEngine",
    "AsyncOpenAIEngine",
    "AsyncVLLMEngine",
    "Engine",
    "OpenAIEngine",
    "VLLMEngine",
]
