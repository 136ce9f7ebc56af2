"""Which limits bind, what they cost, and what more would buy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budgetfit.constraints import constrain
from budgetfit.explain.saying import at_least, at_most, counted, share
from budgetfit.posing import pose
from budgetfit.problem.validator import evaluate

if TYPE_CHECKING:
    from budgetfit.constraints import Constraint
    from budgetfit.explain.prices import Prices
    from budgetfit.explain.questions import Questions
    from budgetfit.explain.rival import Rival
    from budgetfit.made_from import MadeFrom
    from budgetfit.problem.problem import Problem

__all__ = [
    "ExplainedConstraint",
    "ExplainedLimit",
    "MovedLimit",
    "explained_constraints",
    "explained_images",
    "explained_tokens",
]

_TOKENS = 100

# The price of so many tokens, or of an image, from which on a limit is said to bind.
_BINDING = 1e-4


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """A limit moved, all else unchanged.

    Attributes
    ----------
    change : int
        By how much.
    most_gain : float
        Proved by the price: no plan is worth more than this plan and so much, as a share of the
        video. Negative where the plan's worth cannot be had any more.
    rival : Rival or None
        The best plan then; None where there is none.
    """

    change: int
    most_gain: float
    rival: Rival | None

    @property
    def sentence(self) -> str:
        """What solving it again gave."""
        return "there is no plan then" if self.rival is None else f"then {self.rival.sentence}"


@dataclass(frozen=True, slots=True)
class ExplainedLimit:
    """A limit of tokens or images, and its price.

    Attributes
    ----------
    unit : str
        ``"token"`` or ``"image"``.
    limit, used : int
        What there may be, and what the plan has.
    step : int
        By how much the limit is moved: 100 tokens, or 1 image.
    price : float
        What a step is worth, as a share of the video: the multiplier of the Lagrangian bound. For
        any change d of the limit, in steps, no plan is worth more than ``bound + price * d``.
    bound : float
        No plan within the limit is worth more, as a share of the video: the bound that the prices
        prove. ``Plan.best_bound`` is often lower.
    more, less : MovedLimit
        The limit moved up and down by a step.
    """

    unit: str
    limit: int
    used: int
    step: int
    price: float
    bound: float
    more: MovedLimit
    less: MovedLimit

    @property
    def binds(self) -> bool:
        """Whether a step is worth 0.01% of the video or more."""
        return self.price >= _BINDING

    @property
    def sentences(self) -> tuple[str, ...]:
        """How much is used, the price, and what more or less would change."""
        step = counted(self.step, self.unit)
        are, price = (
            "are" if self.step > 1 else "is",
            share(self.price) if self.price else "nothing",
        )
        binds = f"{step} {are} worth {price}"
        if not self.binds:
            binds = f"the limit does not bind: {binds}"
        more, less = (
            at_most(max(self.more.most_gain, 0.0)),
            at_least(max(-self.less.most_gain, 0.0)),
        )
        cost = "may cost nothing" if less == "0%" else f"would cost at least {less}"
        return (
            f"{self.used} of {counted(self.limit, self.unit)} used; {binds}.",
            f"{step} more would bring at most {more} at that price; {self.more.sentence}.",
            f"{step} less {cost} at that price; {self.less.sentence}.",
        )


@dataclass(frozen=True, slots=True)
class ExplainedConstraint:
    """A constraint, and what it costs.

    Attributes
    ----------
    name : str
        The constraint in its user's words.
    rival : Rival
        The best plan without it.
    """

    name: str
    rival: Rival

    @property
    def price(self) -> float:
        """What it costs, as a share of the video, as far as plans were found."""
        return max(-self.rival.loss, 0.0)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What there would be without it."""
        costs = f"costs {share(self.price)} of the video" if self.price else "costs nothing"
        return (f"{self.name}: {costs}; without it {self.rival.sentence}.",)


def explained_tokens(questions: Questions, prices: Prices) -> ExplainedLimit:
    """Return what the token limit costs, at prices of the plan's problem."""
    problem = questions.problem
    tokens = [
        replace(problem, max_prompt_tokens=problem.max_prompt_tokens + change)
        for change in (_TOKENS, -_TOKENS)
    ]
    return ExplainedLimit(
        unit="token",
        limit=problem.max_prompt_tokens,
        used=evaluate(problem, questions.solution).num_tokens,
        step=_TOKENS,
        price=_share(questions, _TOKENS * prices.token),
        bound=questions.share(prices.bound(problem)),
        more=_moved(questions, prices, tokens[0], _TOKENS),
        less=_moved(questions, prices, tokens[1], -_TOKENS),
    )


def explained_images(questions: Questions, prices: Prices) -> ExplainedLimit | None:
    """Return what the image limit costs, at prices of the plan's problem; None without one."""
    problem = questions.problem
    if problem.max_images is None:
        return None
    more = _moved(questions, prices, replace(problem, max_images=problem.max_images + 1), 1)
    if problem.max_images == 1:
        less = MovedLimit(-1, -questions.share(questions.worth), None)
    else:
        fewer = replace(problem, max_images=problem.max_images - 1)
        less = _moved(questions, prices, fewer, -1)
    return ExplainedLimit(
        unit="image",
        limit=problem.max_images,
        used=evaluate(problem, questions.solution).num_images,
        step=1,
        price=_share(questions, prices.image),
        bound=questions.share(prices.bound(problem)),
        more=more,
        less=less,
    )


def explained_constraints(made: MadeFrom, questions: Questions) -> tuple[ExplainedConstraint, ...]:
    """Return what each constraint costs, each once."""
    constraints = made.job.constraints
    found = []
    for index, constraint in enumerate(constraints):
        if constraint in constraints[:index]:
            continue
        others = tuple(other for other in constraints if other != constraint)
        rival = _without(made, questions, others)
        # There is a plan: the one that keeps the constraint too.
        if rival is None:
            raise RuntimeError(f"no plan was found without {constraint.name}")
        found.append(ExplainedConstraint(constraint.name, rival))
    return tuple(found)


def _share(questions: Questions, value: float) -> float:
    total = questions.problem.total_value
    return value / total if total else 0.0


def _moved(questions: Questions, prices: Prices, problem: Problem, change: int) -> MovedLimit:
    bound = prices.bound(problem)
    most_gain = questions.share(bound - questions.worth)
    return MovedLimit(change, most_gain, questions.best(problem, bound=bound))


def _without(made: MadeFrom, questions: Questions, others: tuple[Constraint, ...]) -> Rival | None:
    """Return the best plan that keeps only some constraints."""
    problem = questions.problem
    if not made.job.montage:
        free = replace(problem, rules=(), option_level=None)
        return questions.best(constrain(free, others, made.posed.choice))
    # A constraint may forbid sheets, and then they are not even among the options.
    posed = pose(replace(made.job, constraints=others), made.seen.analysis, made.tokenizer)
    free = replace(posed.problem, prompt_options=problem.prompt_options)
    return questions.best(free, same_options=False)
