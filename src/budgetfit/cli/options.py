"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BaseUrl",
    "ContactSheet",
    "Images",
    "Json",
    "MaxImages",
    "MaxModelLen",
    "MaxTokens",
    "Model",
    "Profile",
    "Prompt",
    "PromptFile",
    "SystemPrompt",
    "TimeLimit",
    "Transcript",
    "TranscriptValue",
    "Video",
]

Video = Annotated[str, typer.Argument(metavar="VIDEO", help="A local video file.")]
Prompt = Annotated[
    str | None,
    typer.Option("--prompt", metavar="TEXT", help="What to ask; by default the profile's prompt."),
]
PromptFile = Annotated[
    Path | None,
    typer.Option(
        "--prompt-file", metavar="FILE", help="UTF-8 file with the prompt, every character of it."
    ),
]
Transcript = Annotated[
    Path | None,
    typer.Option(
        "--transcript",
        metavar="FILE",
        help="UTF-8 file whose lines compete with the pictures; sent before the prompt.",
    ),
]
TranscriptValue = Annotated[
    float | None,
    typer.Option(
        "--transcript-value",
        metavar="X",
        help="What 1000 tokens of it are worth, of a whole video's 1; by default 0.25.",
    ),
]
SystemPrompt = Annotated[
    str | None,
    typer.Option("--system-prompt", metavar="TEXT", help="Sent before the prompt, never cut."),
]
Profile = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", help="The model's rules: see budgetfit profiles."),
]
MaxModelLen = Annotated[
    int | None,
    typer.Option("--max-model-len", metavar="N", help="Tokens of prompt and answer together."),
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", metavar="N", help="Tokens kept for the answer.")
]
MaxImages = Annotated[
    int | None, typer.Option("--max-images", metavar="N", help="Most pictures to send.")
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit-s", metavar="S", help="Most seconds to search for the plan.")
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write the plan; - for stdout, with the words on stderr."
    ),
]
Images = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="Write the pictures as PNG into a new folder."),
]
ContactSheet = Annotated[
    Path | None,
    typer.Option("--contact-sheet", metavar="FILE.png", help="Write all pictures on one sheet."),
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="DIR|NAME", help="Folder with weights, or name on the server."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="OpenAI-compatible server: its address, up to /v1."
    ),
]
