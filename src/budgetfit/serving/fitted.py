"""What a request becomes, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.plans import Plan

__all__ = ["Fitted", "Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a request.

    Attributes
    ----------
    outcome : str
        ``"planned"``, or ``"untouched"`` where it is sent as it came.
    model : str or None
        The model asked.
    num_tokens : int or None
        Exact prompt tokens of what is sent; None where they were not counted.
    max_model_len : int or None
        Tokens of prompt and answer that the server takes.
    max_tokens : int or None
        Tokens kept for the answer.
    num_images : int
        Pictures sent.
    fixed_num_tokens : int or None
        Tokens of what was not to be chosen: other turns, other pictures, tools, the template of the
        turns; None where nothing was planned.
    information, best_bound, gap : float or None
        Those of the plan.
    status : str or None
        That of the plan.
    warnings : tuple of str
        What the client should know.
    plan : dict or None
        The plan as ``budgetfit.Plan.to_dict`` gives it, without the fixed tokens.
    timings_s : dict of str to float
        Seconds spent.
    """

    outcome: str
    model: str | None
    num_tokens: int | None
    max_model_len: int | None
    max_tokens: int | None
    num_images: int
    fixed_num_tokens: int | None = None
    information: float | None = None
    best_bound: float | None = None
    gap: float | None = None
    status: str | None = None
    warnings: tuple[str, ...] = ()
    plan: Mapping[str, Any] | None = None
    timings_s: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of_plan(
        cls,
        plan: Plan,
        *,
        model: str | None,
        max_model_len: int,
        num_tokens: int,
        num_images: int,
        warnings: tuple[str, ...],
    ) -> Report:
        """Return what is told of a request that was planned."""
        return cls(
            outcome="planned",
            model=model,
            num_tokens=num_tokens,
            max_model_len=max_model_len,
            max_tokens=plan.limits.max_tokens,
            num_images=num_images,
            fixed_num_tokens=num_tokens - plan.num_tokens,
            information=plan.information,
            best_bound=plan.best_bound,
            gap=plan.gap,
            status=plan.status,
            warnings=(*plan.warnings, *warnings),
            plan=plan.to_dict(),
            timings_s=dict(plan.timings_s),
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request as it is sent on.

    Attributes
    ----------
    body : bytes or None
        The JSON; None where the client's own is sent.
    report : Report
        What is told of it.
    streams : bool
        Whether the answer comes in parts.
    """

    body: bytes | None
    report: Report
    streams: bool
