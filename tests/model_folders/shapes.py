"""Folders of models of the family, in Mistral's format and in Hugging Face's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tiny_pixtral import TinyShape, tiny_params, write_tekken

# As the models of 2025 have them, and shapes that no model has.
SHAPES = {
    "as Mistral-Small-3.1": TinyShape(14, 1540, 2, "v7", num_words=3000),
    "as Magistral and Mistral-Small-3.2": TinyShape(14, 1540, 2, "v11", num_words=3000),
    "as Magistral-Small-2509": TinyShape(14, 1540, 2, "v13", num_words=3000),
    "unmerged": TinyShape(14, 1540, 1, "v7", num_words=3000),
    "as Pixtral-12B, later tokenizer": TinyShape(16, 1024, 1, "v13", num_words=3000),
    "odd": TinyShape(10, 997, 3, "v15", num_words=3000),
    "small": TinyShape(8, 129, 2, "v3", num_words=3000),
}

# What a tekken file of v15 may say of a model's settings; they stand in every request.
SETTINGS = {
    "model_settings_builder": {
        "reasoning_effort": {
            "type": "enum",
            "values": ["none", "high"],
            "accepts_none": True,
            "default": "none",
        }
    }
}


def write_model(folder: Path, shape: TinyShape, **changes: object) -> Path:
    """Write a model in Mistral's format; ``changes`` are made to its ``vision_encoder``."""
    folder.mkdir(parents=True, exist_ok=True)
    params = tiny_params(shape)
    params["vision_encoder"] = {**params["vision_encoder"], **changes}
    (folder / "params.json").write_text(json.dumps(params), encoding="utf-8")
    write_tekken(
        folder / "tekken.json", shape, SETTINGS if shape.tokenizer_version == "v15" else None
    )
    return folder


def hf_config(shape: TinyShape) -> dict[str, Any]:
    """Return the ``config.json`` of a tiny model: Mistral3 where patches are merged, else Llava."""
    merges = shape.spatial_merge_size > 1
    tiny = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    return {
        "model_type": "mistral3" if merges else "llava",
        "architectures": [
            "Mistral3ForConditionalGeneration" if merges else "LlavaForConditionalGeneration"
        ],
        "image_token_index": 10,
        **({"spatial_merge_size": shape.spatial_merge_size} if merges else {}),
        "projector_hidden_act": "gelu",
        "multimodal_projector_bias": False,
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
        "text_config": {
            **tiny,
            "model_type": "mistral",
            "vocab_size": 131072,
            "head_dim": 32,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "max_position_embeddings": 32768,
        },
        "vision_config": {
            **tiny,
            "model_type": "pixtral",
            "num_attention_heads": 2,
            "head_dim": 32,
            "image_size": shape.max_image_size,
            "patch_size": shape.image_patch_size,
        },
    }


def write_hf_model(folder: Path, shape: TinyShape) -> Path:
    """Write a model in Hugging Face's format alone, its tokenizer converted by transformers."""
    from transformers import PixtralImageProcessor, PixtralProcessor
    from transformers.integrations.mistral import convert_tekken_tokenizer

    folder.mkdir(parents=True, exist_ok=True)
    tekken = folder / "tekken.json"
    write_tekken(tekken, shape)
    tokenizer = convert_tekken_tokenizer(str(tekken))
    processor = PixtralProcessor(
        PixtralImageProcessor(
            size={"longest_edge": shape.max_image_size}, patch_size=shape.image_patch_size
        ),
        tokenizer,
        patch_size=shape.image_patch_size,
        spatial_merge_size=shape.spatial_merge_size,
        chat_template=tokenizer.chat_template,
    )
    processor.save_pretrained(folder)
    tekken.unlink(missing_ok=True)
    (folder / "config.json").write_text(json.dumps(hf_config(shape)), encoding="utf-8")
    return folder
