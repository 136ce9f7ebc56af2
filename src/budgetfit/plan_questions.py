"""What can be asked of a plan: methods that lead on to the parts built from plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from budgetfit.errors import MissingExtraError

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
        room_tokens: int | None = None,
        max_images: Sequence[int | None] = (),
        video: Video | None = None,
    ) -> Frontier:
        """Return the trade-off of information against tokens; see docs/frontier.md.

        Parameters
        ----------
        num_points : int
            Budgets to plan for, at least 2; the plan's own is among them.
        room_tokens : int, optional
            The largest of them, in prompt tokens; by default the one beyond which next to nothing
            is gained.
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
        return frontier(
            plan,
            num_points=num_points,
            room_tokens=room_tokens,
            max_images=max_images,
            video=video,
        )

    def alternatives(
        self,
        n: int = 3,
        *,
        min_new_frames: int | None = None,
        min_difference_s: float | None = None,
        video: Video | None = None,
    ) -> tuple[Plan, ...]:
        """Return the best plan that shows other moments than this one, the best after that, ...

        Parameters
        ----------
        n : int
            How many; fewer come back where no more differ enough.
        min_new_frames : int, optional
            Frames at moments that no earlier plan shows; by default half of this plan's.
        min_difference_s : float, optional
            How far from every moment of an earlier plan such a moment is, in seconds; by default a
            quarter of the seconds of video that there are for each of the plan's frames.
        video : Video, optional
            The video, where the plan's path does not lead to it.

        Raises
        ------
        UsageError
            A number cannot be used.
        VideoError, PlanFileError
            As for ``explain``.
        """
        from budgetfit.explain.alternatives import alternatives

        return alternatives(
            cast("Plan", self),
            n,
            min_new_frames=min_new_frames,
            min_difference_s=min_difference_s,
            video=video,
        )

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

    def _repr_html_(self) -> str | None:
        from budgetfit.report import plan_html

        try:
            return plan_html(cast("Plan", self))
        except MissingExtraError:
            # Jupyter shows the plan's text where there is no HTML.
            return None
