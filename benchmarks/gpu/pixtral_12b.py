"""A model folder with Pixtral-12B's shapes and tokenizer; its weights are made up by vLLM."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tiny_pixtral import tiny_params, write_tiny_pixtral

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_pixtral_12b"]

# From params.json of mistralai/Pixtral-12B-2409; what is missing here is as in the tiny model.
_WIDTHS = {
    "dim": 5120,
    "n_layers": 40,
    "head_dim": 128,
    "hidden_dim": 14336,
    "n_heads": 32,
    "n_kv_heads": 8,
}
_VISION_WIDTHS = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
}


def write_pixtral_12b(folder: Path) -> Path:
    """Write the folder, and return it."""
    write_tiny_pixtral(folder)
    tiny = tiny_params()
    params: dict[str, Any] = tiny | _WIDTHS
    params["vision_encoder"] = tiny["vision_encoder"] | _VISION_WIDTHS
    (folder / "params.json").write_text(json.dumps(params, indent=2), encoding="utf-8")
    return folder
