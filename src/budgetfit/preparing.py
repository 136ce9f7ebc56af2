"""What planning and reading pictures take, loaded before the first video is there."""

from __future__ import annotations

from importlib import import_module

from budgetfit.profiles import DEFAULT_PROFILE, get_profile

__all__ = ["prepare", "prepare_pictures"]

# Each of these is imported where it is needed, so that ``import budgetfit`` costs little.
_PICTURES = (
    "numpy.ma",
    "budgetfit.video.container",
    "budgetfit.video.growing",
    "budgetfit.video.images",
    "budgetfit.video.reopening",
    "budgetfit.video.sources",
    "budgetfit.video.webp",
)
_PLANNING = (
    "numpy.fft",
    "budgetfit.analysis",
    "budgetfit.constraints",
    "budgetfit.looking",
    "budgetfit.problem.building",
    "budgetfit.prompts.offering",
    "budgetfit.search.uniform",
    "budgetfit.solver",
    "budgetfit.tokens.tokenizer",
    "budgetfit.video_jobs",
)


def prepare_pictures() -> None:
    """Import what reading the pictures of a plan takes."""
    for module in _PICTURES:
        import_module(module)


def prepare() -> None:
    """Import what a plan of a video takes, and read the default model's tokenizer (0.5 s)."""
    prepare_pictures()
    for module in _PLANNING:
        import_module(module)
    from budgetfit.tokens.tokenizer import RequestTokenizer

    RequestTokenizer(get_profile(DEFAULT_PROFILE))
