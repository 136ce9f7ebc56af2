"""A scheduler that decides at once which request goes in which step, and how much of each video.

A server works in steps. Each takes at most ``max_num_seqs`` requests and ``max_num_batched_tokens``
prompt tokens; a request goes whole into one step, no later than its deadline, or is turned away.
What a video is worth with so many tokens is its frontier: which plan a request gets is part of the
schedule.

    python examples/step_scheduler.py VIDEO [VIDEO ...]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

import budgetfit
from budgetfit.cpsat import FRONTIER_UNIT, EmbeddedFrontier, add_frontier

if TYPE_CHECKING:
    from collections.abc import Sequence

NUM_REQUESTS = 30


@dataclass(frozen=True)
class Request:
    """A video that waits to be sent.

    Attributes
    ----------
    name : str
        What the schedule calls it.
    plans : sequence of Plan
        What may be sent, such as the plans of a frontier.
    deadline : int
        The last step in which it may go.
    weight : float
        How much its information counts.
    """

    name: str
    plans: Sequence[budgetfit.Plan]
    deadline: int
    weight: float = 1.0


@dataclass(frozen=True)
class Schedule:
    """Who goes when, and with which plan.

    Attributes
    ----------
    steps : tuple of tuple of (Request, Plan)
        What goes in each step.
    information : float
        Sum of weight times information over all that go.
    best_bound : float
        No schedule has more.
    """

    steps: tuple[tuple[tuple[Request, budgetfit.Plan], ...], ...]
    information: float
    best_bound: float


def schedule(
    requests: Sequence[Request],
    *,
    num_steps: int,
    max_num_batched_tokens: int,
    max_num_seqs: int,
    time_limit_s: float = 20.0,
) -> Schedule:
    """Return the schedule with the most information."""
    model = cp_model.CpModel()
    goes: dict[tuple[int, int], EmbeddedFrontier[budgetfit.Plan]] = {}
    is_in: dict[tuple[int, int], cp_model.IntVar] = {}
    for r, request in enumerate(requests):
        for step in range(min(request.deadline + 1, num_steps)):
            name = f"request {r} in step {step}"
            present = is_in[r, step] = model.new_bool_var(name)
            goes[r, step] = add_frontier(model, request.plans, name=name, present=present)
        model.add_at_most_one(present for (of, _), present in is_in.items() if of == r)
    for step in range(num_steps):
        here = [choice for (_, at), choice in goes.items() if at == step]
        model.add(sum(choice.num_tokens for choice in here) <= max_num_batched_tokens)
        present_here = [present for (_, at), present in is_in.items() if at == step]
        model.add(sum(present_here) <= max_num_seqs)
    weights = [round(1000 * request.weight) for request in requests]
    model.maximize(sum(weights[r] * choice.information for (r, _), choice in goes.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.relative_gap_limit = 0.002
    # The linear relaxation is nearly tight: workers that search by it prove the most.
    solver.parameters.num_workers = 2
    solver.parameters.subsolvers.extend(["max_lp", "reduced_costs"])
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        raise RuntimeError("no schedule was found in time")
    unit = 1000 * FRONTIER_UNIT
    return Schedule(
        steps=tuple(
            tuple(
                (request, plan)
                for r, request in enumerate(requests)
                if (r, step) in goes and (plan := goes[r, step].plan(solver)) is not None
            )
            for step in range(num_steps)
        ),
        information=solver.objective_value / unit,
        best_bound=solver.best_objective_bound / unit,
    )


def main(videos: Sequence[str]) -> None:
    """Schedule requests for ``videos``, again and again until there are 30."""
    frontiers = [budgetfit.plan(video).frontier(num_points=12) for video in videos]
    requests = []
    for number in range(NUM_REQUESTS):
        points = frontiers[number % len(videos)].curves[0].points
        plans = [point.plan for point in points]
        requests.append(Request(f"{number}: {videos[number % len(videos)]}", plans, number // 4))
    found = schedule(requests, num_steps=8, max_num_batched_tokens=8192, max_num_seqs=5)
    for step, sent in enumerate(found.steps):
        tokens = sum(plan.num_tokens for _, plan in sent)
        sys.stdout.write(f"step {step}: {len(sent)} requests, {tokens} prompt tokens\n")
        for request, plan in sent:
            words = f"{plan.num_tokens} tokens, {plan.information:.1%} of the video"
            sys.stdout.write(f"  {request.name}: {words}\n")
    sent_in_all = sum(len(sent) for sent in found.steps)
    sys.stdout.write(
        f"{sent_in_all} of {len(requests)} requests go; information {found.information:.3f}, "
        f"at most {found.best_bound:.3f}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
