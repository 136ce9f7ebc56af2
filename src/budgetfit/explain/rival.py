"""The best plan where one thing is otherwise: what every "why" compares a plan with."""

from __future__ import annotations

from dataclasses import dataclass

from budgetfit.explain.saying import at_least, at_most, difference, listed, seconds, share

__all__ = ["Rival"]

# So many frames are named by their times.
_MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rival:
    """The best plan found where one thing is otherwise.

    Attributes
    ----------
    times_s : tuple of float
        When the frames that it shows are, in seconds.
    added_s, dropped_s : tuple of float
        Those of them that the plan does not show, and those of the plan that it does not.
    num_tokens : int
        Its prompt tokens.
    information : float
        Share of the video that it shows.
    text_gain : float
        What its text is worth more than the plan's, as a share of the video; 0 unless blocks of the
        prompt are worth something.
    loss : float
        What it is worth less than the plan, text included, as a share of the video; negative where
        it is worth more.
    least_loss : float
        Proved: no such plan is worth more than the plan less this. Negative where that is not
        proved, as within the gaps.
    """

    times_s: tuple[float, ...]
    added_s: tuple[float, ...]
    dropped_s: tuple[float, ...]
    num_tokens: int
    information: float
    text_gain: float
    loss: float
    least_loss: float

    @property
    def sentence(self) -> str:
        """What it shows, such as ``"the best plan shows 53.6%, 0.13% less (proved)"``."""
        said = f"the best plan shows {share(self.information)}, {self._difference}{self.proof}"
        return f"{said}, {self._changes}" if self._changes else said

    @property
    def _difference(self) -> str:
        if not self.text_gain:
            return difference(self.loss)
        information, text = difference(self.loss + self.text_gain), difference(-self.text_gain)
        return f"{information}, and text worth {text}: together {difference(self.loss)}"

    @property
    def _changes(self) -> str:
        """Which frames it shows that the plan does not, and the other way round."""
        added, dropped = map(_named, (self.added_s, self.dropped_s))
        if added and dropped:
            return f"with {added} in place of {dropped}"
        if added:
            return f"with {added} as well"
        return f"without {dropped}" if dropped else ""

    @property
    def proof(self) -> str:
        """What is proved of the loss, in brackets."""
        if share(self.loss) == share(self.least_loss) and self.loss * self.least_loss >= 0:
            return " (proved)"
        least = at_least(max(self.least_loss, 0.0))
        if self.least_loss >= 0:
            known = "none is better" if least == "0%" else f"at least {least} less"
        else:
            known = f"at most {at_most(-self.least_loss)} more"
        return f" (proved: {known})"


def _named(times_s: tuple[float, ...]) -> str:
    if len(times_s) > _MAX_NAMED:
        return f"{len(times_s)} frames"
    return listed([seconds(time_s) for time_s in times_s])
