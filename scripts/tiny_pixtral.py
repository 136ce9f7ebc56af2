"""A Pixtral small enough for any machine: the real architecture and tokenizer, random weights.

``python scripts/tiny_pixtral.py FOLDER`` writes the model folder; its answers are noise.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["TINY_ENGINE_ARGS", "TINY_ENGINE_ENV", "TOKENIZER_FILE", "write_tiny_pixtral"]

TOKENIZER_FILE = "tekken_240911.json"

# The keys are those of Pixtral-12B's params.json. What decides token counts (vocabulary, patch and
# image size, special token ids) is as there; widths and depths are shrunk.
TINY_PARAMS: dict[str, Any] = {
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
        "image_size": 1024,
        "patch_size": 16,
        "rope_theta": 10000.0,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "adapter_bias": True,
        "max_image_size": 1024,
        "image_token_id": 10,
        "image_break_token_id": 12,
        "image_end_token_id": 13,
    },
}

# vLLM's engine arguments for it on a machine without a GPU: random weights, no compilation.
TINY_ENGINE_ARGS: dict[str, Any] = {
    "load_format": "dummy",
    "enforce_eager": True,
    "dtype": "float32",
    "max_num_seqs": 4,
}

# Environment variables for it, to be set before vLLM is imported: no second process, which halves
# the time to start; one thread, since several wait for each other longer than such a model computes
# (six times longer where other work shares the cores); 1 GiB for the cache; no use of a network.
TINY_ENGINE_ENV = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}


def write_tiny_pixtral(folder: Path) -> Path:
    """Write the model into ``folder``, which is created where it is missing, and return it.

    The tokenizer is Pixtral's own, copied from the installed mistral-common.

    Raises
    ------
    FileNotFoundError
        mistral-common is not installed or does not ship the tokenizer.
    """
    spec = find_spec("mistral_common")
    folders = spec.submodule_search_locations if spec else None
    tokenizer = next(
        (path for root in folders or () for path in Path(root).glob(f"data/{TOKENIZER_FILE}")), None
    )
    if tokenizer is None:
        raise FileNotFoundError(f"mistral-common with {TOKENIZER_FILE} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "params.json").write_text(json.dumps(TINY_PARAMS, indent=2), encoding="utf-8")
    shutil.copyfile(tokenizer, folder / "tekken.json")
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/tiny_pixtral.py FOLDER")
    print(write_tiny_pixtral(Path(sys.argv[1])))
