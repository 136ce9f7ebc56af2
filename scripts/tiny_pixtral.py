"""A Pixtral small enough for any machine: the real architecture and tokenizer, random weights.

``python scripts/tiny_pixtral.py FOLDER`` writes the model folder; its answers are noise. Other
shapes of the family, with larger patches, merged patches and tokenizers of later versions, are made
from the same vocabulary.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PIXTRAL_12B",
    "TINY_ENGINE_ARGS",
    "TINY_ENGINE_ENV",
    "TOKENIZER_FILE",
    "TinyShape",
    "write_tekken",
    "write_tiny_pixtral",
]

TOKENIZER_FILE = "tekken_240911.json"

# Special tokens in the order of their ids, and how many of them each version has. Files up to v7
# need not list theirs.
_SPECIAL_TOKENS = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    *("[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]"),
    *("[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    *("[TOOL_CONTENT]", "[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]"),
    *("[MODEL_SETTINGS]", "[/MODEL_SETTINGS]"),
)
_NUM_SPECIAL_TOKENS = {"v3": 20, "v7": 20, "v11": 22, "v13": 24, "v15": 26}
_IDS = {
    "image_token_id": _SPECIAL_TOKENS.index("[IMG]"),
    "image_break_token_id": _SPECIAL_TOKENS.index("[IMG_BREAK]"),
    "image_end_token_id": _SPECIAL_TOKENS.index("[IMG_END]"),
}


@dataclass(frozen=True, slots=True)
class TinyShape:
    """What decides the token counts of a model of the family; by default that of Pixtral-12B.

    Attributes
    ----------
    image_patch_size, max_image_size, spatial_merge_size : int
        The rules for images, in pixels, pixels and patches.
    tokenizer_version : str
        Version of the tekken file.
    num_words : int or None
        Words of the vocabulary that are kept, from the most frequent on; at least 256, the single
        bytes. None for all, which takes a second to write and half of one to read.
    """

    image_patch_size: int = 16
    max_image_size: int = 1024
    spatial_merge_size: int = 1
    tokenizer_version: str = "v3"
    num_words: int | None = None


PIXTRAL_12B = TinyShape()

# vLLM's engine arguments for it on a machine without a GPU: random weights, no compilation.
TINY_ENGINE_ARGS: dict[str, Any] = {
    "load_format": "dummy",
    "enforce_eager": True,
    "dtype": "float32",
    "max_num_seqs": 4,
}

# Environment variables for it, to be set before vLLM is imported: no process for an engine, and one
# instead of two for a server's, as each takes as long to start; one thread, since several wait for
# each other longer than such a model computes (six times longer where other work shares the cores);
# 1 GiB for the cache; no use of a network.
TINY_ENGINE_ENV = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}


def tiny_params(shape: TinyShape = PIXTRAL_12B) -> dict[str, Any]:
    """Return the content of ``params.json``.

    The keys are those of Pixtral-12B's and, where patches are merged, of Mistral-Small-3.1's. What
    decides token counts (vocabulary, patch and image size, special token ids) is the shape's;
    widths and depths are shrunk.
    """
    merging: dict[str, Any] = {}
    if shape.spatial_merge_size > 1:
        merging = {
            "spatial_merge_size": shape.spatial_merge_size,
            "mm_projector_id": "patch_merge",
            "add_pre_mm_projector_layer_norm": True,
        }
    return {
        "dim": 64,
        "n_layers": 2,
        "head_dim": 32,
        "hidden_dim": 128,
        "n_heads": 2,
        "n_kv_heads": 1,
        "norm_eps": 1e-05,
        "vocab_size": 131072,
        "rope_theta": 1000000000.0,
        "max_position_embeddings": 131072,
        "vision_encoder": {
            "hidden_size": 64,
            "num_channels": 3,
            "image_size": shape.max_image_size,
            "patch_size": shape.image_patch_size,
            "rope_theta": 10000.0,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "adapter_bias": not merging,
            "max_image_size": shape.max_image_size,
            **merging,
            **_IDS,
        },
    }


def write_tiny_pixtral(folder: Path, shape: TinyShape = PIXTRAL_12B) -> Path:
    """Write the model into ``folder``, which is created where it is missing, and return it.

    The tokenizer is Pixtral's own, copied from the installed mistral-common, or made from it.

    Raises
    ------
    FileNotFoundError
        mistral-common is not installed or does not ship the tokenizer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.json").write_text(json.dumps(tiny_params(shape), indent=2), encoding="utf-8")
    write_tekken(folder / "tekken.json", shape)
    return folder


def write_tekken(path: Path, shape: TinyShape, more: Mapping[str, object] | None = None) -> None:
    """Write the tekken file of ``shape``; ``more`` are further parts of it.

    Raises
    ------
    FileNotFoundError
        As ``write_tiny_pixtral``.
    """
    if shape == PIXTRAL_12B and not more:
        shutil.copyfile(_shipped(), path)
        return
    content = _shipped_content()
    config, words = content["config"], content["vocab"]
    num_special = config["default_num_special_tokens"]
    num_words = shape.num_words or config["default_vocab_size"] - num_special
    version = int(shape.tokenizer_version.removeprefix("v"))
    special = [
        {"rank": rank, "token_str": text, "is_control": True}
        for rank, text in enumerate(_SPECIAL_TOKENS[: _NUM_SPECIAL_TOKENS[shape.tokenizer_version]])
    ]
    made = {
        "config": {
            **config,
            "version": shape.tokenizer_version,
            "num_vocab_tokens": num_words,
            "default_vocab_size": num_words + num_special,
        },
        "vocab": words[:num_words],
        # Files up to v11 know the rules for images by another name.
        "multimodal" if version <= 11 else "image": {
            "image_patch_size": shape.image_patch_size,
            "max_image_size": shape.max_image_size,
            "spatial_merge_size": shape.spatial_merge_size,
        },
        **({"special_tokens": special} if version > 3 else {}),
        **(more or {}),
    }
    path.write_text(json.dumps(made), encoding="utf-8")


@cache
def _shipped_content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_shipped().read_bytes())
    return content


def _shipped() -> Path:
    spec = find_spec("mistral_common")
    folders = spec.submodule_search_locations if spec else None
    for root in folders or ():
        for path in Path(root).glob(f"data/{TOKENIZER_FILE}"):
            return path
    raise FileNotFoundError(f"mistral-common with {TOKENIZER_FILE} is not installed")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/tiny_pixtral.py FOLDER")
    print(write_tiny_pixtral(Path(sys.argv[1])))
