"""Second looks find what changes; of frames that show the same, a sharp one stays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.candidates import ALIKE, MIN_GAP_S, gaps_to_look_into, stand_ins

SIDE = 24
RANDOM = np.random.default_rng(7)
SCENES = 255 * RANDOM.random((6, SIDE * SIDE))
SHARP = 100.0


@st.composite
def looked_at(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """Ascending times and the likeness of neighbours."""
    steps = draw(st.lists(st.floats(0.01, 30.0), min_size=1, max_size=40))
    shares = st.floats(0.0, 1.0)
    likeness = draw(st.lists(shares, min_size=len(steps) - 1, max_size=len(steps) - 1))
    return np.cumsum(steps).tolist(), likeness


@given(looked_at(), st.integers(-1, 50))
def test_gaps_are_some_of_those_between_looks(
    seen: tuple[list[float], list[float]], most: int
) -> None:
    time_s, likeness = seen
    found = gaps_to_look_into(time_s, likeness, most)
    between = list(pairwise(time_s))
    assert len(found) <= max(most, 0)
    assert found == sorted(set(found))
    assert set(found) <= set(between)
    hidden = {gap: (gap[1] - gap[0]) * (1 - s) for gap, s in zip(between, likeness, strict=True)}
    worth = [
        gap
        for gap, alike in zip(between, likeness, strict=True)
        if gap[1] - gap[0] > MIN_GAP_S and alike < ALIKE
    ]
    assert set(found) <= set(worth)
    left = [hidden[gap] for gap in set(worth) - set(found)]
    assert len(found) == min(max(most, 0), len(worth))
    if found and left:
        assert min(hidden[gap] for gap in found) >= max(left)


def shot_at(cuts_s: list[float], time_s: float) -> int:
    return bisect_right(cuts_s, time_s)


def looks_at_shots(cuts_s: list[float], end_s: float, first: int, more: int) -> list[float]:
    """Look at a video of unlike shots evenly, then inside gaps until ``more`` looks are spent."""
    times = [end_s * i / (first - 1) for i in range(first)]
    while more > 0:
        likeness = [float(shot_at(cuts_s, a) == shot_at(cuts_s, b)) for a, b in pairwise(times)]
        gaps = gaps_to_look_into(times, likeness, more)
        if not gaps:
            break
        more -= len(gaps)
        times = sorted([*times, *((begin + end) / 2 for begin, end in gaps)])
    return times


@given(st.lists(st.floats(7.0, 100.0), min_size=1, max_size=30), st.integers(9, 33))
def test_every_shot_longer_than_the_gaps_is_found(lengths_s: list[float], first: int) -> None:
    ends_s = np.cumsum(lengths_s).tolist()
    times = looks_at_shots(ends_s[:-1], ends_s[-1], first, 0)
    for begin, end in zip([0.0, *ends_s[:-1]], ends_s, strict=True):
        if end - begin > ends_s[-1] / (first - 1):
            assert any(begin <= time_s < end for time_s in times)


@given(st.floats(0.5, 599.5), st.integers(0, 20))
def test_a_cut_is_closed_in_on(cut_s: float, more: int) -> None:
    times = looks_at_shots([cut_s], 600.0, 9, more)
    index = bisect_left(times, cut_s)
    # Each look halves the gap, down to the shortest that is looked into.
    expected = max(75.0 / 2**more, MIN_GAP_S)
    assert times[index] - times[index - 1] <= expected + 1e-9
    assert len(times) <= 9 + more


def test_a_shot_between_unlike_ones_is_found_by_looking_again() -> None:
    cuts_s = [80.0, 104.0]
    for more, found in ((0, {0, 2}), (4, {0, 1, 2})):
        times = looks_at_shots(cuts_s, 600.0, 9, more)
        assert {shot_at(cuts_s, time_s) for time_s in times} == found


def similarity(thumbnails: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of each one's variance that each other explains."""
    distance = ((thumbnails[:, None] - thumbnails[None]) ** 2).mean(axis=2)
    shown: npt.NDArray[np.float64] = np.clip(1 - distance / thumbnails.var(axis=1)[:, None], 0, 1)
    return shown


def stand(thumbnails: npt.NDArray[np.float64], detail: list[float]) -> list[int]:
    shown = similarity(thumbnails)
    return stand_ins(
        thumbnails, np.array(detail), lambda a, b: float(min(shown[a, b], shown[b, a]))
    )


def with_noise(thumbnails: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return thumbnails + np.random.default_rng(1).normal(0, 1, thumbnails.shape)


def blurred(scene: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    picture = scene.reshape(SIDE, SIDE)
    near = (0.9 * picture + 0.05 * np.roll(picture, 1, 1) + 0.05 * np.roll(picture, -1, 1)).ravel()
    return np.asarray(near)


def test_unlike_looks_all_stay() -> None:
    assert stand(SCENES, [SHARP] * 6) == [0, 1, 2, 3, 4, 5]


def test_a_static_stretch_goes_to_its_middle() -> None:
    scenes = with_noise(SCENES[[0] * 5 + [1] * 3])
    assert stand(scenes, [SHARP] * 8) == [2] * 5 + [6] * 3


@pytest.mark.parametrize("sharpest", range(5))
def test_the_sharpest_of_a_static_stretch_stays(sharpest: int) -> None:
    detail = [0.9 * SHARP] * 5
    detail[sharpest] = SHARP
    assert stand(with_noise(SCENES[[0] * 5]), detail) == [sharpest] * 5


@pytest.mark.parametrize("where", range(1, 6))
def test_a_blurred_frame_goes_to_its_stretch(where: int) -> None:
    scenes = with_noise(SCENES[[0] * 7])
    scenes[where] = blurred(SCENES[0])
    shown = similarity(scenes)
    assert shown[0, where] < ALIKE, "the blur is to be too strong for likeness alone"
    detail = [SHARP] * 7
    detail[where] = 0.5 * SHARP
    (stays,) = set(stand(scenes, detail))
    assert stays != where


def test_a_dull_frame_of_another_scene_is_no_blur() -> None:
    scenes = with_noise(SCENES[[0, 0, 1, 0, 0]])
    assert stand(scenes, [SHARP, SHARP, 0.4 * SHARP, SHARP, SHARP])[2] == 2


@pytest.mark.parametrize("shares", [(0.55,), (0.8, 0.45, 0.2), (0.7, 0.3)])
def test_a_cross_fade_goes_to_what_it_shows_more_of(shares: tuple[float, ...]) -> None:
    mixed = [share * SCENES[0] + (1 - share) * SCENES[1] for share in shares]
    scenes = with_noise(np.stack([SCENES[0], SCENES[0], *mixed, SCENES[1], SCENES[1]]))
    # Powers of unlike pictures add: their fourth roots are what detail sums.
    detail = [SHARP * (share**2 + (1 - share) ** 2) ** 0.25 for share in shares]
    found = stand(scenes, [SHARP, SHARP, *detail, SHARP, SHARP])
    num_looks = len(found)
    stays = [look for look in range(num_looks) if found[look] == look]
    assert len(stays) == 2
    assert not set(stays) & set(range(2, num_looks - 2))
    assert [found[2 + i] for i in range(len(shares))] == [
        stays[0] if share >= 0.5 else stays[1] for share in shares
    ]


def test_a_change_of_light_is_no_cross_fade() -> None:
    light = np.array([1.0, 0.8, 0.6, 0.4, 0.2])
    # Detail fades with the light, and so does what the brighter frames say of the darker ones.
    assert stand(light[:, None] * SCENES[0], list(SHARP * light**0.5)) == [0, 1, 2, 3, 4]


@st.composite
def sequences(draw: st.DrawFn) -> tuple[npt.NDArray[np.float64], list[float]]:
    num_looks = draw(st.integers(1, 25))
    which = draw(st.lists(st.integers(0, 5), min_size=num_looks, max_size=num_looks))
    other = draw(st.lists(st.integers(0, 5), min_size=num_looks, max_size=num_looks))
    share = np.array(draw(st.lists(st.floats(0, 1), min_size=num_looks, max_size=num_looks)))
    scenes = share[:, None] * SCENES[which] + (1 - share[:, None]) * SCENES[other]
    detail = draw(st.lists(st.floats(0.0, 100.0), min_size=num_looks, max_size=num_looks))
    return scenes, detail


def plain_sharper(
    look: int,
    thumbnails: npt.NDArray[np.float64],
    shown: npt.NDArray[np.float64],
    detail: list[float],
) -> int | None:
    """A blur of, or a mixture with, any pair around: every test of every pair, none left out."""
    pairs = [
        (first, second)
        for first in range(look - 1, max(look - 4, -1), -1)
        for second in range(look + 1, min(look + 4, len(detail)))
    ]
    for first, second in sorted(pairs, key=lambda pair: -detail[pair[0]] - detail[pair[1]]):
        likeness = min(shown[first, second], shown[second, first])
        nearer = first if look - first <= second - look else second
        apart = ((thumbnails[look] - thumbnails[nearer]) ** 2).mean()
        is_dull = detail[look] < 0.8 * min(detail[first], detail[second])
        if is_dull and likeness >= 0.9 and 1 - apart / thumbnails[look].var() >= 0.7:
            return nearer
        across, rest = thumbnails[first] - thumbnails[second], thumbnails[look] - thumbnails[second]
        length = float(across @ across)
        if length == 0.0:
            continue
        share = float(rest @ across) / length
        error = rest - share * across
        stands = first if share >= 0.5 else second
        mean = share * detail[first] + (1 - share) * detail[second]
        is_mixture = 0.1 <= share <= 1.0 - 0.1 and float(error @ error) <= 0.03 * length
        is_dull = detail[look] < 0.92 * mean and detail[look] < detail[stands]
        if is_mixture and is_dull and likeness <= 0.5:
            return stands
    return None


@st.composite
def fades(draw: st.DrawFn) -> tuple[npt.NDArray[np.float64], list[float]]:
    """Two scenes and mixtures of them, sharp and dull ones."""
    share = draw(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.7, 0.95, 1.0]), min_size=3))
    shares = np.array(share)[:, None]
    detail = st.one_of(st.floats(0.0, 100.0), st.sampled_from([40.0, 80.0, 92.0, 100.0]))
    details = draw(st.lists(detail, min_size=len(share), max_size=len(share)))
    return with_noise(shares * SCENES[0] + (1 - shares) * SCENES[1]), details


@given(fades())
def test_tests_that_are_spared_would_change_nothing(
    seen: tuple[npt.NDArray[np.float64], list[float]],
) -> None:
    scenes, detail = seen
    # Nothing is so alike that it would be drawn together for that.
    shown = np.minimum(similarity(scenes), 0.98)
    goes_to = list(range(len(detail)))
    for look in range(1, len(detail) - 1):
        found = plain_sharper(look, scenes, shown, detail)
        goes_to[look] = look if found is None else found
    expected = goes_to
    for _ in detail:
        expected = [goes_to[look] for look in expected]
    likeness = np.minimum(shown, shown.T)
    assert expected == stand_ins(scenes, np.array(detail), lambda a, b: float(likeness[a, b]))


@given(sequences())
def test_who_stands_in_stands_for_itself_and_the_sharpest_stays(
    seen: tuple[npt.NDArray[np.float64], list[float]],
) -> None:
    scenes, detail = seen
    found = stand(scenes, detail)
    assert all(found[stays] == stays for stays in found)
    assert found == stand(scenes, detail)
    shown = similarity(scenes)
    sharpest = int(np.argmax(detail))
    stays = found[sharpest]
    assert min(shown[sharpest, stays], shown[stays, sharpest]) >= ALIKE
