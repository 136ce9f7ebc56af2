"""What can be asked of a plan: methods that lead on to the parts built from plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from budgetfit.explain.comparison import Comparison
    from budgetfit.explain.explanation import Explanation
    from budgetfit.explain.frontier import Frontier
    from budgetfit.plans import Plan
    from budgetfit.video.sources import Video

__all__ = ["PlanQuestions"]


class PlanQuestions:
    """Questions about a plan, for :class:`budgetfit.Plan`.

    A plan that came from a file reads its video again, which must be the one that was planned;
    ``video`` gives it where the plan's path does not lead to it.
    """

    def explain(
        self, *, why_not_s: Sequence[float] = (), video: Video | None = None
    ) -> Explanation:
        """Say what each picture is for, which limits bind and what they cost; see docs/explain.md.

        Parameters
        ----------
        why_not_s : sequence of float
            Moments in seconds: why are they not shown, and what would showing them cost?
        video : Video, optional
            The video, where the plan's path does not lead to it.

        Raises
        ------
        VideoError
            The plan came from a file and its video cannot be read, or is another one.
        PlanFileError, UsageError
            The plan came from a file, which does not hold all that was asked.
        """
        from budgetfit.explain.explanation import explain

        return explain(cast("Plan", self), why_not_s=why_not_s, video=video)

    def frontier(
        self,
        *,
        num_points: int = 20,
        max_images: Sequence[int | None] = (),
        video: Video | None = None,
    ) -> Frontier:
        """Return the trade-off of information against tokens; see docs/frontier.md.

        Parameters
        ----------
        num_points : int
            Budgets to plan for.
        max_images : sequence of int or None
            Image limits, one curve each; the plan's own by default.
        video : Video, optional
            The video, where the plan's path does not lead to it.

        Raises
        ------
        UsageError
            A number cannot be used.
        VideoError, PlanFileError
            As for ``explain``.
        """
        from budgetfit.explain.frontier import frontier

        plan = cast("Plan", self)
        return frontier(plan, num_points=num_points, max_images=max_images, video=video)

    def alternatives(self, n: int = 3, *, video: Video | None = None) -> tuple[Plan, ...]:
        """Return the best plans that differ enough from this one and from each other.

        Parameters
        ----------
        n : int
            How many; fewer come back where no more differ enough.
        video : Video, optional
            The video, where the plan's path does not lead to it.

        Raises
        ------
        UsageError
            The number cannot be used.
        VideoError, PlanFileError
            As for ``explain``.
        """
        from budgetfit.explain.alternatives import alternatives

        return alternatives(cast("Plan", self), n, video=video)

    def compare(self, other: Plan) -> Comparison:
        """Compare two plans of one video, token by token and moment by moment.

        Raises
        ------
        UsageError
            ``other`` plans another video.
        VideoError, PlanFileError
            As for ``explain``.
        """
        from budgetfit.explain.comparison import compare

        return compare(cast("Plan", self), other)

    def report(self, path: str | os.PathLike[str], *, video: Video | None = None) -> None:
        """Write one self-contained HTML page about the plan; see docs/report.md.

        Parameters
        ----------
        path : path
            Where to; a file there is replaced.
        video : Video, optional
            The video, where the plan's path does not lead to it.

        Raises
        ------
        MissingExtraError
            ``budgetfit[report]`` is not installed.
        UsageError
            The file cannot be written.
        VideoError, PlanFileError
            As for ``explain``.
        """
        from budgetfit.report import report

        report(cast("Plan", self), path, video=video)

    def _repr_html_(self) -> str:
        from budgetfit.report import plan_html

        return plan_html(cast("Plan", self))
