"""The command serve: a proxy that makes requests fit."""

from pathlib import Path
from typing import Annotated

import typer

from budgetfit.cli.showing import show

__all__ = ["serve_command"]

_DEFAULT_PORT = 8100

BaseUrl = Annotated[
    str,
    typer.Option("--base-url", metavar="URL", help="The server that answers: its address to /v1."),
]
Host = Annotated[str, typer.Option("--host", metavar="NAME", help="Address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", metavar="N", help="Port to listen on; 0 for any that is free.")
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME|DIR",
        help="The model's rules: a name (see budgetfit profiles) or the model's folder.",
    ),
]
MaxModelLen = Annotated[
    int | None,
    typer.Option(
        "--max-model-len", metavar="N", help="At most so many tokens, whatever the server takes."
    ),
]
MaxTokens = Annotated[
    int,
    typer.Option(
        "--max-tokens", metavar="N", help="Tokens kept for an answer that names no number."
    ),
]
MaxImages = Annotated[
    int | None,
    typer.Option("--max-images", metavar="N", help="Images that the server takes in a request."),
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit-s", metavar="S", help="Most seconds to search for a plan.")
]
AllowDir = Annotated[
    list[Path] | None,
    typer.Option(
        "--allow-dir",
        metavar="DIR",
        help="Folder below which clients may name files; may be repeated.",
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="NAME[:PORT]",
        help="Host whose http(s) addresses clients may name; may be repeated.",
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", help="Processes that plan requests.")
]
MaxWaiting = Annotated[
    int,
    typer.Option("--max-waiting", metavar="N", help="Requests that may wait to be planned."),
]
PlanningTimeout = Annotated[
    float,
    typer.Option("--planning-timeout-s", metavar="S", help="Most seconds to plan one request."),
]
UpstreamTimeout = Annotated[
    float,
    typer.Option("--upstream-timeout-s", metavar="S", help="Seconds to wait for the server."),
]
MaxBody = Annotated[int, typer.Option("--max-body-mib", metavar="N", help="Most MiB of a request.")]
MaxMedia = Annotated[
    int, typer.Option("--max-media-mib", metavar="N", help="Most MiB of one video or picture.")
]
MaxVideo = Annotated[
    float, typer.Option("--max-video-s", metavar="S", help="Most seconds of a video.")
]
WorkerMemory = Annotated[
    int,
    typer.Option("--worker-memory-mib", metavar="N", help="Most MiB of memory of each process."),
]


def serve_command(
    *,
    base_url: BaseUrl,
    host: Host = "127.0.0.1",
    port: Port = _DEFAULT_PORT,
    profile: Profile = "pixtral-12b",
    max_model_len: MaxModelLen = None,
    max_tokens: MaxTokens = 300,
    max_images: MaxImages = None,
    time_limit_s: TimeLimit = 2.0,
    allow_dir: AllowDir = None,
    allow_host: AllowHost = None,
    workers: Workers = 1,
    max_waiting: MaxWaiting = 256,
    planning_timeout_s: PlanningTimeout = 60.0,
    upstream_timeout_s: UpstreamTimeout = 600.0,
    max_body_mib: MaxBody = 96,
    max_media_mib: MaxMedia = 64,
    max_video_s: MaxVideo = 3600.0,
    worker_memory_mib: WorkerMemory = 8192,
) -> None:
    """Answer OpenAI's chat protocol in front of a server, with videos and what is too long planned.

    It stops on Ctrl-C or SIGTERM.
    """
    from budgetfit.serving.running import serve
    from budgetfit.serving.settings import MIB, PlanningSettings, ServeSettings

    settings = ServeSettings(
        base_url=base_url,
        planning=PlanningSettings(
            profile=profile,
            max_tokens=max_tokens,
            max_images=max_images,
            max_model_len=max_model_len,
            time_limit_s=time_limit_s,
            allowed_dirs=tuple(allow_dir or ()),
            allowed_hosts=tuple(allow_host or ()),
            max_media_bytes=max_media_mib * MIB,
            max_video_s=max_video_s,
            memory_bytes=worker_memory_mib * MIB,
        ),
        num_workers=workers,
        planning_timeout_s=planning_timeout_s,
        max_waiting=max_waiting,
        max_body_bytes=max_body_mib * MIB,
        upstream_timeout_s=upstream_timeout_s,
    )
    serve(settings, host, port, lambda url: show(f"listening on {url}, asking {base_url}"))
