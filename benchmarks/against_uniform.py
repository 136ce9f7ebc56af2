"""Plans beside what people send without a planner, by budgetfit's own measure.

``python -m benchmarks.against_uniform``; ends with an error where a uniform plan beats a plan.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks import rivals
from benchmarks.clips import benchmark_clips
from benchmarks.looking import Look, look
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

from budgetfit.errors import VideoError
from budgetfit.problem.building import build_problem
from budgetfit.profiles import get_profile
from budgetfit.prompts.offering import offer_prompts
from budgetfit.search.uniform import uniform_solutions
from budgetfit.solver import solve
from budgetfit.tokens.tokenizer import RequestTokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.rivals import Rival

    from budgetfit.problem.problem import Problem
    from budgetfit.solver import Result

__all__ = ["Comparison", "clip_table", "compare", "problem_of"]

ROOMS = (800, 1200, 3796)
"""``max_model_len - max_tokens``; 3796 is what Cosmos-Transfer1 leaves for a prompt."""

IMAGE_LIMITS = (2, 8, None)

_PROFILE = get_profile("pixtral-12b")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan and its rivals within the same limits.

    Attributes
    ----------
    max_prompt_tokens : int
        Tokens that the request may have.
    max_images : int or None
        Pictures that it may have.
    result : Result
        The plan, as the planner finds it.
    num_tokens : int
        Its prompt tokens.
    solve_s : float
        Seconds for building the problem, bounding and searching.
    uniform : dict of int to Rival or None
        Equal frames by their number; None where so many do not fit.
    first_two_unscaled, first_two_small, spread_small : Rival
        What is sent by rule.
    """

    max_prompt_tokens: int
    max_images: int | None
    result: Result
    num_tokens: int
    solve_s: float
    uniform: dict[int, Rival | None]
    first_two_unscaled: Rival
    first_two_small: Rival
    spread_small: Rival

    @property
    def best_uniform(self) -> float:
        """Information of the best uniform plan, chosen in hindsight; 0 where none fits."""
        return max((rival.information for rival in self.uniform.values() if rival), default=0.0)

    @property
    def lead(self) -> float:
        """How much more information the plan has than the best uniform one."""
        return self.result.information - self.best_uniform


def problem_of(
    seen: Look, tokenizer: RequestTokenizer, max_prompt_tokens: int, max_images: int | None
) -> Problem:
    """Return the problem that ``budgetfit.plan`` solves with the profile's own prompt."""
    analysis = seen.analysis
    prompts = offer_prompts(
        _PROFILE.default_prompt,
        None,
        tokenizer,
        max_prompt_tokens=max_prompt_tokens,
        picture_num_tokens=analysis.levels[0].num_tokens,
    )
    return build_problem(
        analysis.aspects_of_pictures,
        analysis.level_num_tokens,
        prompt_options=prompts.options(),
        max_prompt_tokens=max_prompt_tokens,
        max_images=max_images,
    )


def compare(
    seen: Look, tokenizer: RequestTokenizer, max_prompt_tokens: int, max_images: int | None
) -> Comparison:
    """Plan within the limits, and judge the rivals within the same."""
    began = time.perf_counter()
    problem = problem_of(seen, tokenizer, max_prompt_tokens, max_images)
    result = solve(problem, starts=tuple(uniform_solutions(problem, seen.analysis.evenly)))
    solve_s = time.perf_counter() - began
    pictures = problem.option_num_tokens[list(result.solution.options)].sum()
    prompt = problem.prompt_options[result.solution.prompt]
    return Comparison(
        max_prompt_tokens=max_prompt_tokens,
        max_images=max_images,
        result=result,
        num_tokens=int(pictures) + prompt.num_tokens,
        solve_s=solve_s,
        uniform={count: rivals.uniform(seen, problem, count) for count in rivals.UNIFORM_COUNTS},
        first_two_unscaled=rivals.first_two_unscaled(seen, problem, _PROFILE),
        first_two_small=rivals.first_two_small(seen, problem),
        spread_small=rivals.spread_small(seen, problem),
    )


def clip_table(clip: str, comparisons: Sequence[Comparison]) -> Table:
    """Return the table of one clip: one row per limits, one column per way of choosing."""
    plan_columns = ("room", "images", "plan", "pictures", "tokens", "gap", "proved by", "solve")
    uniform_columns = tuple(f"uniform {count}" for count in rivals.UNIFORM_COUNTS)
    rule_columns = ("first two, unscaled", "first two, 320x180", "spread two, 320x180")
    rows = []
    for cell in comparisons:
        rules = (cell.first_two_unscaled, cell.first_two_small, cell.spread_small)
        rows.append(
            [
                str(cell.max_prompt_tokens),
                "any" if cell.max_images is None else f"up to {cell.max_images}",
                f"{cell.result.information:.3f}",
                str(len(cell.result.solution.options)),
                str(cell.num_tokens),
                f"{cell.result.gap:.2%}",
                cell.result.proved_by,
                f"{cell.solve_s:.2f} s",
                *(_cell(rival) for rival in cell.uniform.values()),
                *(_cell(rival) for rival in rules),
            ]
        )
    return Table(clip, plan_columns + uniform_columns + rule_columns, rows)


def _cell(rival: Rival | None) -> str:
    if rival is None:
        return "-"
    return f"{rival.information:.3f}" if rival.fits else f"refused ({rival.num_tokens})"


def _summary(cells: Sequence[Comparison]) -> list[str]:
    """Return what all cells say together."""
    proofs = sorted({cell.result.proved_by for cell in cells})
    counts = (f"{name} {sum(c.result.proved_by == name for c in cells)}" for name in proofs)
    gaps = [cell.result.gap for cell in cells]
    solve_s = [cell.solve_s for cell in cells]
    refused = sum(not cell.first_two_unscaled.fits for cell in cells)
    return [
        f"Of {len(cells)} plans, {sum(c.lead > 0 for c in cells)} have more information than the "
        f"best of the uniform plans chosen in hindsight, {sum(c.lead == 0 for c in cells)} the "
        f"same, {sum(c.lead < 0 for c in cells)} less; lead {_spread(c.lead for c in cells)}.",
        "Lead over the users' rule, the first two frames at 320x180: "
        f"{_spread(c.result.information - c.first_two_small.information for c in cells)}; over two "
        "such frames spread over the clip: "
        f"{_spread(c.result.information - c.spread_small.information for c in cells)}. The first "
        f"two frames unscaled are refused in {refused} cells.",
        f"Proved by: {', '.join(counts)}. Gap: median {median(gaps):.2%}, largest "
        f"{max(gaps):.2%}. Solving: median {median(solve_s):.3f} s, longest {max(solve_s):.2f} s.",
    ]


def _spread(values: Iterable[float]) -> str:
    found = list(values)
    return f"mean {mean(found):+.3f}, least {min(found):+.3f}, most {max(found):+.3f}"


def main() -> None:
    """Compare on every clip, print, and write docs/measured/against_uniform.md.

    Raises
    ------
    RuntimeError
        A uniform plan has more information than the plan within the same limits.
    """
    where = setting()
    tokenizer = RequestTokenizer(_PROFILE)
    by_clip: dict[str, list[Comparison]] = {}
    unreadable: list[str] = []
    for name, path in benchmark_clips().items():
        try:
            seen = look(path, _PROFILE)
        except VideoError as error:
            unreadable.append(f"{name} ({type(error).__name__})")
            continue
        by_clip[name] = [
            compare(seen, tokenizer, room, limit) for room in ROOMS for limit in IMAGE_LIMITS
        ]
    cells = [cell for comparisons in by_clip.values() for cell in comparisons]
    text = [
        where,
        "Information is budgetfit's own measure, the one that its plans maximize: this table says "
        "whether the search finds what the measure asks for, and how far habits fall short of it. "
        "It does not say that the measure is right; independent judges, which the planner never "
        "sees, are for that: see [information](information.md).",
        "Room is max_model_len - max_tokens; images is max_images. A uniform plan has that many "
        "equal frames from the middles of equal parts, at the largest size that fits (- where "
        "they do not fit). The first two frames unscaled are what Cosmos-Transfer1 sends, at "
        "320x180 the users' rule (the nearest size on the grid), spread two the same from the "
        "middles of the clip's halves.",
        *_summary(cells),
        f"Cannot be planned: {', '.join(unreadable) or 'none'}.",
    ]
    tables = [clip_table(name, comparisons) for name, comparisons in by_clip.items()]
    publish(MEASURED / "against_uniform.md", "Plans against habits", text, tables)
    lost = [
        f"{name}, room {cell.max_prompt_tokens}, max_images {cell.max_images}: {cell.lead:+.6f}"
        for name, comparisons in by_clip.items()
        for cell in comparisons
        if cell.lead < 0
    ]
    if lost:
        raise RuntimeError(f"a uniform plan beats the plan: {'; '.join(lost)}")


if __name__ == "__main__":
    main()
