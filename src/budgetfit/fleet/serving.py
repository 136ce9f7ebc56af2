"""Which jobs are served: as many as the tokens allow, those of a higher priority first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.fleet.jobs import FleetJob

__all__ = ["serve"]


def serve(
    jobs: Mapping[int, FleetJob], cheapest: Mapping[int, int], total_tokens: int
) -> tuple[list[int], dict[int, InfeasibleError]]:
    """Return the indices of the jobs that are served, rising, and why others are not.

    Priority by priority, the cheapest first, each job is served whose cheapest request fits beside
    those of the jobs before it: so as many as possible of the highest priority, then of the next.

    Parameters
    ----------
    jobs : mapping of int to FleetJob
        By index.
    cheapest : mapping of int to int
        Prompt tokens of each one's cheapest request.
    total_tokens : int
        Prompt tokens of all.
    """
    left, served = total_tokens, []
    refused: dict[int, InfeasibleError] = {}
    for index in sorted(jobs, key=lambda i: (-jobs[i].priority, cheapest[i], i)):
        if cheapest[index] <= left:
            left -= cheapest[index]
            served.append(index)
        else:
            refused[index] = InfeasibleError(
                f"the cheapest request of job {index} has {cheapest[index]} prompt tokens, but "
                f"{left} of total_tokens {total_tokens} are left beside the cheapest requests of "
                f"the jobs before it; raise total_tokens by {cheapest[index] - left}"
            )
    return sorted(served), refused
