"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AtLeast",
    "AtMost",
    "BaseUrl",
    "ContactSheet",
    "EndS",
    "Exclude",
    "Images",
    "Json",
    "MaxImages",
    "MaxModelLen",
    "MaxSize",
    "MaxTokens",
    "MaxTokensPerImage",
    "MinSize",
    "MinSpacing",
    "Model",
    "Montage",
    "NumCandidates",
    "Profile",
    "Prompt",
    "PromptFile",
    "Report",
    "SameSize",
    "Seed",
    "ShowAt",
    "StartS",
    "Stream",
    "SystemPrompt",
    "Temperature",
    "TimeLabels",
    "TimeLimit",
    "TopP",
    "Transcript",
    "TranscriptValue",
    "Video",
]

Video = Annotated[str, typer.Argument(metavar="VIDEO", help="A local video file.")]
StartS = Annotated[
    float | None,
    typer.Option("--start-s", metavar="S", help="Second at which the part to plan starts."),
]
EndS = Annotated[
    float | None,
    typer.Option("--end-s", metavar="S", help="Second at which the part to plan ends."),
]
NumCandidates = Annotated[
    int | None,
    typer.Option(
        "--num-candidates",
        metavar="N",
        help="Frames to look at; by default as many as the video's length asks for.",
    ),
]
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
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME|DIR",
        help="The model's rules: a name (see budgetfit profiles) or the model's folder; by "
        "default pixtral-12b, or those of run's --model.",
    ),
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
ShowAt = Annotated[
    list[float] | None,
    typer.Option(
        "--show-at", metavar="S", help="Send the frame shown at S seconds; may be repeated."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="A:B", help="Send no frame from A to B seconds; may be repeated."
    ),
]
AtLeast = Annotated[
    list[str] | None,
    typer.Option(
        "--at-least",
        metavar="N:A:B",
        help="Send at least N frames from A to B seconds; may be repeated.",
    ),
]
AtMost = Annotated[
    list[str] | None,
    typer.Option(
        "--at-most",
        metavar="N:A:B",
        help="Send at most N frames from A to B seconds; may be repeated.",
    ),
]
MinSpacing = Annotated[
    float | None,
    typer.Option("--min-spacing", metavar="S", help="Least seconds between any two frames."),
]
MinSize = Annotated[
    str | None, typer.Option("--min-size", metavar="WxH", help="Least pixels of a picture as sent.")
]
MaxSize = Annotated[
    str | None, typer.Option("--max-size", metavar="WxH", help="Most pixels of a picture as sent.")
]
SameSize = Annotated[bool, typer.Option("--same-size", help="Send all pictures at one size.")]
MaxTokensPerImage = Annotated[
    int | None,
    typer.Option("--max-tokens-per-image", metavar="N", help="Most tokens of a picture."),
]
TimeLabels = Annotated[
    bool,
    typer.Option("--time-labels", help='Send each picture\'s time with it, as "[12.4 s]".'),
]
Montage = Annotated[
    bool,
    typer.Option("--montage", help="Pictures may be sheets that show many moments as small tiles."),
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
Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="Write one page about the plan; takes a few times as long as the plan.",
    ),
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
Temperature = Annotated[
    float | None,
    typer.Option(
        "--temperature", metavar="X", help="Randomness of the answer; 0, the default, is none."
    ),
]
TopP = Annotated[
    float | None,
    typer.Option("--top-p", metavar="X", help="Draw from the likeliest tokens of this total."),
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help="Seed of the answer's randomness.")
]
Stream = Annotated[bool, typer.Option("--stream", help="Show the answer while it is generated.")]
