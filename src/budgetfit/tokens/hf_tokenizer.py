"""A Hugging Face ``tokenizer.json`` of a Mistral model as the tekken file that it was made from."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from budgetfit.errors import ModelFolderError

if TYPE_CHECKING:
    from pathlib import Path

    from budgetfit.profiles import ImageRules

__all__ = ["HF_TOKENIZER_FILE", "tekken_of"]

HF_TOKENIZER_FILE = "tokenizer.json"

# Where the template of a chat is kept, and the beginning of a system message in it. Of the versions
# with such messages, v7 to v13 encode a request of one user turn alike; what v15 adds is its own.
_TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json", "tokenizer_config.json")
_SYSTEM_MESSAGE, _SETTINGS = "[SYSTEM_PROMPT]", "[MODEL_SETTINGS]"


def tekken_of(path: Path, images: ImageRules) -> dict[str, Any]:
    """Return the content of a tekken file with the vocabulary in ``path``.

    A byte-level BPE whose ids follow the ranks of its merges, after the special tokens, is a tekken
    vocabulary by other names. The version is told by the chat template beside the file.

    Parameters
    ----------
    path : Path
        The ``tokenizer.json``.
    images : ImageRules
        The model's.

    Raises
    ------
    ModelFolderError
        It is of another kind, or nothing beside it tells the version.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    model = document.get("model") or {}
    if model.get("type") != "BPE":
        raise _other_family(path)
    pattern = _pattern(document.get("pre_tokenizer") or {})
    added = {token["id"]: token["content"] for token in document.get("added_tokens", ())}
    num_special = next(index for index in range(len(added) + 1) if index not in added)
    ranked = sorted((rank, text) for text, rank in model.get("vocab", {}).items())
    words = [text for rank, text in ranked if rank >= num_special]
    if pattern is None or not num_special or not words:
        raise _other_family(path)
    return {
        "image": asdict(images),
        "config": {
            "pattern": pattern,
            "num_vocab_tokens": len(words),
            "default_vocab_size": len(words) + num_special,
            "default_num_special_tokens": num_special,
            "version": _version(path),
        },
        "vocab": [
            {"rank": rank, "token_bytes": _base64_of(text), "token_str": None}
            for rank, text in enumerate(words)
        ],
        "special_tokens": [
            {"rank": rank, "token_str": added[rank], "is_control": True}
            for rank in range(num_special)
        ],
    }


def _other_family(path: Path) -> ModelFolderError:
    return ModelFolderError(
        path, "is no tekken vocabulary; put the model's own tekken.json beside it"
    )


def _pattern(pre_tokenizer: dict[str, Any]) -> str | None:
    """Return the regular expression by which texts are split first."""
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    splits = [step for step in steps if step.get("type") == "Split"]
    if len(splits) != 1 or "Regex" not in splits[0].get("pattern", {}):
        return None
    return str(splits[0]["pattern"]["Regex"])


def _version(path: Path) -> str:
    templates = [
        file.read_text(encoding="utf-8")
        for name in _TEMPLATE_FILES
        if (file := path.parent / name).is_file()
    ]
    template = next((text for text in templates if "[INST]" in text), None)
    if template is None or _SETTINGS in template:
        raise ModelFolderError(
            path,
            "does not say its version and no chat template beside it does; put the model's own "
            "tekken.json beside it",
        )
    return "v7" if _SYSTEM_MESSAGE in template else "v3"


def _base64_of(text: str) -> str:
    return base64.b64encode(bytes(_BYTE_OF[character] for character in text)).decode("ascii")


def _byte_of() -> dict[str, int]:
    """Return the byte of each character of a byte-level vocabulary.

    Printable characters of Latin-1 stand for themselves, the other bytes for the characters from
    U+0100 on, in their order.
    """
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(0x100 + index): byte for index, byte in enumerate(others)
    }


_BYTE_OF = _byte_of()
