"""Plan what of a video fits a vision-language model's context, provably well.

>>> import budgetfit
>>> plan = budgetfit.plan("clip.mp4", "Describe the scene.")  # doctest: +SKIP
>>> plan.messages()  # doctest: +SKIP

Names are loaded when first used: importing the package alone loads no decoder, tokenizer, solver or
engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit import constraints as constraints
    from budgetfit import cosmos as cosmos
    from budgetfit import cpsat as cpsat
    from budgetfit import engines as engines
    from budgetfit import plots as plots
    from budgetfit.batch.jobs import RunJob as RunJob
    from budgetfit.batch.results import PlanSummary as PlanSummary
    from budgetfit.batch.results import RunResult as RunResult
    from budgetfit.batch.retries import Retries as Retries
    from budgetfit.batch.running import read_journal as read_journal
    from budgetfit.batch.running import run_many as run_many
    from budgetfit.batch.running import run_many_async as run_many_async
    from budgetfit.errors import BudgetfitError as BudgetfitError
    from budgetfit.errors import EngineDiedError as EngineDiedError
    from budgetfit.errors import EngineError as EngineError
    from budgetfit.errors import EngineTimeoutError as EngineTimeoutError
    from budgetfit.errors import EngineUnavailableError as EngineUnavailableError
    from budgetfit.errors import InfeasibleError as InfeasibleError
    from budgetfit.errors import JournalError as JournalError
    from budgetfit.errors import MissingExtraError as MissingExtraError
    from budgetfit.errors import ModelFolderError as ModelFolderError
    from budgetfit.errors import PlanFileError as PlanFileError
    from budgetfit.errors import PromptTooLongError as PromptTooLongError
    from budgetfit.errors import TokenMismatchError as TokenMismatchError
    from budgetfit.errors import UnsupportedRequestError as UnsupportedRequestError
    from budgetfit.errors import UsageError as UsageError
    from budgetfit.errors import VideoChangedError as VideoChangedError
    from budgetfit.errors import VideoDecodeError as VideoDecodeError
    from budgetfit.errors import VideoError as VideoError
    from budgetfit.errors import VideoLimitError as VideoLimitError
    from budgetfit.fleet.fleet_plan import FleetPlan as FleetPlan
    from budgetfit.fleet.jobs import FleetJob as FleetJob
    from budgetfit.fleet.planner import plan_many as plan_many
    from budgetfit.own_measure import Candidates as Candidates
    from budgetfit.own_measure import Information as Information
    from budgetfit.planner import plan as plan
    from budgetfit.planner import pose as pose
    from budgetfit.plans import Limits as Limits
    from budgetfit.plans import Plan as Plan
    from budgetfit.plans import PlannedBlock as PlannedBlock
    from budgetfit.plans import PlannedFrame as PlannedFrame
    from budgetfit.plans import PlannedPrompt as PlannedPrompt
    from budgetfit.plans import PlannedSheet as PlannedSheet
    from budgetfit.plans import PlannedVideo as PlannedVideo
    from budgetfit.posed_plan import PosedPlan as PosedPlan
    from budgetfit.profiles import PROFILES as PROFILES
    from budgetfit.profiles import ModelProfile as ModelProfile
    from budgetfit.prompts.blocks import PromptBlock as PromptBlock
    from budgetfit.video_analysis import VideoAnalysis as VideoAnalysis
    from budgetfit.video_analysis import analyze as analyze

__version__ = "0.1.0"

_HOMES = {
    "budgetfit.batch.jobs": ("RunJob",),
    "budgetfit.batch.results": ("PlanSummary", "RunResult"),
    "budgetfit.batch.retries": ("Retries",),
    "budgetfit.batch.running": ("read_journal", "run_many", "run_many_async"),
    "budgetfit.errors": (
        "BudgetfitError",
        "EngineDiedError",
        "EngineError",
        "EngineTimeoutError",
        "EngineUnavailableError",
        "InfeasibleError",
        "JournalError",
        "MissingExtraError",
        "ModelFolderError",
        "PlanFileError",
        "PromptTooLongError",
        "TokenMismatchError",
        "UnsupportedRequestError",
        "UsageError",
        "VideoChangedError",
        "VideoDecodeError",
        "VideoError",
        "VideoLimitError",
    ),
    "budgetfit.fleet.fleet_plan": ("FleetPlan",),
    "budgetfit.fleet.jobs": ("FleetJob",),
    "budgetfit.fleet.planner": ("plan_many",),
    "budgetfit.own_measure": ("Candidates", "Information"),
    "budgetfit.planner": ("plan", "pose"),
    "budgetfit.plans": (
        "Limits",
        "Plan",
        "PlannedBlock",
        "PlannedFrame",
        "PlannedPrompt",
        "PlannedSheet",
        "PlannedVideo",
    ),
    "budgetfit.posed_plan": ("PosedPlan",),
    "budgetfit.profiles": ("PROFILES", "ModelProfile"),
    "budgetfit.prompts.blocks": ("PromptBlock",),
    "budgetfit.video_analysis": ("VideoAnalysis", "analyze"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

_MODULES = ("constraints", "cosmos", "cpsat", "engines", "plots")

__all__ = sorted([*_HOME_OF, *_MODULES])  # noqa: PLE0605  a list, made from one source


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"budgetfit.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
