"""Random weights for the tiny Pixtral, in a file as Mistral publishes them.

vLLM then loads the folder as it loads a model of one's own, with no argument that says otherwise.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["write_tiny_weights"]

_WEIGHTS_FILE = "consolidated.safetensors"
_SCALE = 0.02


def write_tiny_weights(folder: Path, seed: int = 0) -> Path:
    """Write weights for the ``params.json`` in ``folder``, without merged patches; return it."""
    from safetensors.numpy import save_file

    params = json.loads((folder / "params.json").read_text(encoding="utf-8"))
    rng = np.random.default_rng(seed)
    weights = {
        name: (rng.standard_normal(shape, dtype=np.float32) * _SCALE).astype(np.float16)
        for name, shape in _shapes(params)
    }
    save_file(weights, folder / _WEIGHTS_FILE)
    return folder


def _shapes(params: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name of each tensor and its shape, outputs before inputs."""
    dim, vision = params["dim"], params["vision_encoder"]
    width, patch = vision["hidden_size"], vision["patch_size"]
    yield "tok_embeddings.weight", (params["vocab_size"], dim)
    yield "norm.weight", (dim,)
    yield "output.weight", (params["vocab_size"], dim)
    queries, keys = (params[name] * params["head_dim"] for name in ("n_heads", "n_kv_heads"))
    for layer in range(params["n_layers"]):
        yield from _layer(f"layers.{layer}", dim, queries, keys, params["hidden_dim"])
    yield "vision_encoder.patch_conv.weight", (width, vision["num_channels"], patch, patch)
    yield "vision_encoder.ln_pre.weight", (width,)
    for layer in range(vision["num_hidden_layers"]):
        name = f"vision_encoder.transformer.layers.{layer}"
        yield from _layer(name, width, width, width, vision["intermediate_size"])
    for name, taken in (("w_in", width), ("w_out", dim)):
        yield f"vision_language_adapter.{name}.weight", (dim, taken)
        yield f"vision_language_adapter.{name}.bias", (dim,)


def _layer(
    name: str, dim: int, queries: int, keys: int, hidden: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.attention_norm.weight", (dim,)
    yield f"{name}.ffn_norm.weight", (dim,)
    yield f"{name}.attention.wq.weight", (queries, dim)
    yield f"{name}.attention.wk.weight", (keys, dim)
    yield f"{name}.attention.wv.weight", (keys, dim)
    yield f"{name}.attention.wo.weight", (dim, queries)
    yield f"{name}.feed_forward.w1.weight", (hidden, dim)
    yield f"{name}.feed_forward.w2.weight", (dim, hidden)
    yield f"{name}.feed_forward.w3.weight", (hidden, dim)
