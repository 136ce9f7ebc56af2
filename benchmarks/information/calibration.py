"""``python -m benchmarks.information.calibration``: constants fitted on all clips but one.

What the measure says of every clip is compared with what the judges say, for every setting of its
constants; the setting that is best for the other clips is held against the clip. Plans made with
it are then judged, so that no clip is planned with constants that have seen it. Writes
docs/measured/calibration.md.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from statistics import mean
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from benchmarks.clips import benchmark_clips
from benchmarks.information.choices import CLOSELY, look_at, selections
from benchmarks.information.constants import (
    FIDELITY,
    LEGIBILITY,
    SIMILARITY,
    Group,
    Setting,
    current,
    every,
    use,
)
from benchmarks.information.judging import JudgedClip
from benchmarks.information.limits import IMAGE_LIMITS, ROOMS, Limits
from benchmarks.information.moments import MIN_FRAMES
from benchmarks.information.scores import score
from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

from budgetfit.errors import VideoError
from budgetfit.information.fidelity import fidelity, spectrum
from budgetfit.information.legibility import legibility
from budgetfit.information.similarity import descriptor, similarity, thumbnail, thumbnail_shape
from budgetfit.information.strokes import StrokeMap, stroke_area, stroke_maps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PIL import Image

    from budgetfit.tokens.images import ImageGrid

__all__ = ["Seen", "see"]

_NUM_CANDIDATES = 33
_EVERY_LEVEL = slice(None, None, -2)

# Of the candidates, for the fidelity: it hardly differs between neighbours.
_EVERY_CANDIDATE = slice(None, None, 4)

# Moments that are read at many sizes, which is slow.
_NUM_READ = 8

FloatArray = npt.NDArray[np.float64]
Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the judges say of a clip, and what the measure is computed from.

    Attributes
    ----------
    thumbnails : sequence of (rows, columns) float array
        Of the moments, then of the candidates.
    shown : (num_moments, num_candidates) float array
        What candidates at full size explain of the moments, by deep features.
    lumas : sequence of (rows, columns) uint8 array
        Some candidates at full size.
    scales : sequence of (float, float)
        Levels, relative to the luma.
    kept : (num_lumas, num_levels) float array
        What is left of what each explains.
    texts : sequence of tuple of StrokeMap
        Strokes of the moments that were read.
    read : (num_texts, num_levels) float array
        Share of their words.
    area : float
        Mean share of a moment that strokes cover.
    """

    thumbnails: Sequence[FloatArray]
    shown: FloatArray
    lumas: Sequence[Luma]
    scales: Sequence[tuple[float, float]]
    kept: FloatArray
    texts: Sequence[tuple[StrokeMap, ...]]
    read: FloatArray
    area: float

    @property
    def has_text(self) -> bool:
        """Whether there is text to be read on it."""
        return bool(len(self.texts))

    def similarity_error(self) -> float:
        """Return the mean squared error of the similarity."""
        described = np.stack([descriptor(one) for one in self.thumbnails])
        number = len(self.shown)
        found = similarity(described)[:number, number:]
        return float(((found - self.shown) ** 2).mean())

    def fidelity_error(self) -> float:
        """Return the mean squared error of the fidelity."""
        found = fidelity([spectrum(luma) for luma in self.lumas], self.scales)
        return float(((found - self.kept) ** 2).mean())

    def legibility_error(self) -> float:
        """Return the mean squared error of the legibility."""
        return float(((legibility(self.texts, self.scales) - self.read) ** 2).mean())


def see(path: Path) -> Seen:
    """Ask the judges about the clip at ``path``."""
    with JudgedClip(path) as clip:
        info, levels = clip.footage.info, clip.levels[_EVERY_LEVEL][::-1]
        pts = clip.footage.candidate_pts(_NUM_CANDIDATES)
        value = clip.value(pts, levels)
        moments = _lumas(clip.footage.full_size(clip.moment_pts))
        candidates = _lumas(clip.footage.full_size(pts))
        # How much of what it explains at full size is left, over all moments that it explains.
        full = value[:, :, -1]
        left = (
            np.einsum("mcl,mc->cl", value, full) / np.maximum((full**2).sum(axis=0), 1e-9)[:, None]
        )
        is_useful = full.max(axis=0)[_EVERY_CANDIDATE] > 0
        has_text = (clip.text_weights() > 0).mean() >= 0.5
        side = clip.profile.side_multiple
    shape = thumbnail_shape(info.height, info.width)
    texts, read = _read(path, levels) if has_text else ([], np.zeros((0, len(levels))))
    chosen = candidates[_EVERY_CANDIDATE]
    return Seen(
        thumbnails=[thumbnail(luma, shape) for luma in (*moments, *candidates)],
        shown=full,
        lumas=[luma for luma, useful in zip(chosen, is_useful, strict=True) if useful],
        scales=[(g.columns * side / info.width, g.rows * side / info.height) for g in levels],
        kept=np.minimum(left[_EVERY_CANDIDATE][is_useful], 1.0),
        texts=texts,
        read=read,
        area=mean(stroke_area(stroke_maps(luma)) for luma in moments),
    )


def _read(
    path: Path, levels: Sequence[ImageGrid]
) -> tuple[list[tuple[StrokeMap, ...]], FloatArray]:
    """Return the strokes of some moments, and the share of their words read at each level."""
    with JudgedClip(path, num_moments=_NUM_READ) as clip:
        flags = clip.words_read(clip.moment_pts, levels)
        lumas = _lumas(clip.footage.full_size(clip.moment_pts))
        is_text = clip.text_weights() > 0
        rows = [i for i in range(len(lumas)) if is_text[i] and stroke_area(stroke_maps(lumas[i]))]
        read = np.array([flags[i][:, i].mean(axis=0) for i in rows])
    return [stroke_maps(lumas[i]) for i in rows], read


def _lumas(images: Sequence[Image.Image]) -> list[Luma]:
    return [np.asarray(image.convert("L")) for image in images]


def fit(
    group: Group, clips: dict[str, Seen], error: Callable[[Seen], float]
) -> tuple[Table, dict[str, Setting]]:
    """Choose a setting for each clip on the others; return a table and the choices."""
    settings = every(group)
    errors = np.zeros((len(settings), len(clips)))
    for row, one in zip(errors, settings, strict=True):
        with use(group, one):
            row[:] = [error(seen) for seen in clips.values()]
    committed = [error(seen) for seen in clips.values()]
    chosen: dict[str, Setting] = {}
    rows = []
    for index, name in enumerate(clips):
        best = int(np.delete(errors, index, axis=1).mean(axis=1).argmin())
        chosen[name] = settings[best]
        rows.append(
            (name, _said(settings[best]), _rms(errors[best, index]), _rms(committed[index]))
        )
    best = int(errors.mean(axis=1).argmin())
    rows.append(("all", _said(settings[best]), _rms(errors[best].mean()), _rms(mean(committed))))
    names = ", ".join(name.strip("_").lower() for name in group[1])
    columns = ("clip", f"best for the others: {names}", "error there", "error as committed")
    return Table(
        f"{group[0].capitalize()}, committed: {_said(current(group))}", columns, rows
    ), chosen


def _said(values: Setting) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _rms(squared: float) -> str:
    return f"{squared**0.5:.3f}"


def plan_row(
    path: Path, chosen: Sequence[tuple[Group, Setting]]
) -> tuple[tuple[str, ...], list[float], list[float]]:
    """Plan with constants that have not seen the clip.

    Returns a row, and the differences to the best uniform plans: of plans that are proved to 0.03%,
    and of plans as they are by default.
    """
    with JudgedClip(path) as clip, ExitStack() as stack:
        for group, values in chosen:
            stack.enter_context(use(group, values))
        choices = look_at(clip)
        ours, closely, default = [], [], []
        for limits in product(ROOMS, IMAGE_LIMITS):
            found = selections(clip, choices, Limits(*limits))
            uniform = [
                score(clip.explained(pictures), clip.weights)
                for pictures in found.by_count["uniform"].values()
            ]
            ours.append(score(clip.explained(found.single[CLOSELY] or ()), clip.weights))
            closely.append(ours[-1] - max(uniform))
            default.append(score(clip.explained(found.ours), clip.weights) - max(uniform))
    return (path.name, f"{mean(ours):.3f}", *_differences(closely, default)), closely, default


def _differences(closely: Sequence[float], default: Sequence[float]) -> tuple[str, ...]:
    """Return means and worsts."""
    return tuple(f"{of(each):+.3f}" for each in (closely, default) for of in (mean, min))


def main() -> None:
    """Fit, plan, print, and write the page."""
    paths = benchmark_clips()
    clips: dict[str, Seen] = {}
    for name, path in paths.items():
        try:
            with JudgedClip(path) as clip:
                enough = clip.footage.num_frames() >= MIN_FRAMES and clip.weights.any()
            if enough:
                clips[name] = see(path)
                print(f"{name}: strokes cover {clips[name].area:.4f}", flush=True)
        except VideoError as error:
            print(f"{name} cannot be read: {type(error).__name__}", flush=True)
    scenes = {name: seen for name, seen in clips.items() if not seen.has_text}
    texts = {name: seen for name, seen in clips.items() if seen.has_text}
    similar, by_similarity = fit(SIMILARITY, scenes, Seen.similarity_error)
    faithful, by_fidelity = fit(FIDELITY, scenes, Seen.fidelity_error)
    legible, _ = fit(LEGIBILITY, texts, Seen.legibility_error)
    rows: list[tuple[str, ...]] = []
    closely: list[float] = []
    default: list[float] = []
    for name in scenes:
        row, found, as_default = plan_row(
            paths[name], [(SIMILARITY, by_similarity[name]), (FIDELITY, by_fidelity[name])]
        )
        rows.append(row)
        closely += found
        default += as_default
        print(*row, flush=True)
    rows.append(("all", "", *_differences(closely, default)))
    columns = ("clip", "score", "to best uniform", "worst", "by default", "worst by default")
    tables = [
        Table("Plans with constants fitted on the other clips", columns, rows),
        similar,
        faithful,
        legible,
        Table(
            "Share of the picture that strokes cover",
            ("clip", "share", "words to be read"),
            [(n, f"{s.area:.4f}", "yes" if s.has_text else "no") for n, s in clips.items()],
        ),
    ]
    text = (
        setting(),
        "Errors are root mean squares of what the measure says less what the judges say, in shares "
        "of a moment. Deep features judge clips without text, the text reader the others; both are "
        "described in [information before other judges](information.md). Plans are proved to "
        "0.03%, so that constants are judged and not the search; by default they are proved to "
        "0.5%, which the last two columns show.",
    )
    publish(MEASURED / "calibration.md", "How the measure is calibrated", text, tables)


if __name__ == "__main__":
    main()
