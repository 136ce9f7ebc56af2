"""NVIDIA Cosmos-Transfer1's prompt upsampler: what it reads, and one that plans in its place."""

from __future__ import annotations

from budgetfit.cosmos.hint_video import HintVideo, hint_video
from budgetfit.cosmos.upsampler import PixtralPromptUpsampler

__all__ = ["HintVideo", "PixtralPromptUpsampler", "hint_video"]
