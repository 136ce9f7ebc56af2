"""The command run-many: many videos through one engine, each result a line of JSON."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from budgetfit.cli.asking import Asked
from budgetfit.cli.engines import check_model, check_sampling, open_async_engine
from budgetfit.cli.files import STDOUT, check_file
from budgetfit.cli.options import BaseUrl, Model, Seed, Temperature, TopP
from budgetfit.cli.result_lines import ResultLines
from budgetfit.errors import BudgetfitError, UsageError

__all__ = ["run_many_command"]

Videos = Annotated[list[str] | None, typer.Argument(metavar="VIDEO", help="Local video files.")]
JobsFile = Annotated[
    Path | None,
    typer.Option(
        "--jobs",
        metavar="FILE.jsonl",
        help="Further jobs, one JSON object a line: video, id, and options by their names with _ "
        "for -, such as max_images, in place of those given here; - for stdin.",
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="Keep each answer here before it is written, and go on where an earlier run ended.",
    ),
]
SkipJournaled = Annotated[
    bool, typer.Option("--skip-journaled", help="Write no answer that the journal had before.")
]
Ordered = Annotated[
    bool,
    typer.Option(
        "--ordered/--as-completed", help="Write results in the order of the jobs, or as they come."
    ),
]
NumProcesses = Annotated[
    int | None,
    typer.Option(
        "--num-processes", metavar="N", min=0, help="Processes that plan; by default one a core."
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", metavar="N", min=1, help="Requests at once; by default 32."),
]
NumRetries = Annotated[
    int,
    typer.Option(
        "--retries", metavar="N", min=0, help="How often a job is asked again if that may help."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.jsonl", help="Write the results here; by default stdout."),
]


def run_many_command(
    asking: Callable[..., Asked],
    videos: Videos = None,
    *,
    jobs: JobsFile = None,
    model: Model = None,
    base_url: BaseUrl = None,
    temperature: Temperature = None,
    top_p: TopP = None,
    seed: Seed = None,
    journal: JournalFile = None,
    skip_journaled: SkipJournaled = False,
    ordered: Ordered = True,
    num_processes: NumProcesses = None,
    concurrency: Concurrency = None,
    retries: NumRetries = 10,
    out: Out = None,
) -> int:
    """Plan each VIDEO, ask a model about all of them, and write each result as a line of JSON.

    Videos are planned in processes of their own ahead of the model, which is asked about many at
    once. What fails is a line on stderr and stops no other; the exit code is that of the first job
    that has no answer. The model is a folder with weights, for vLLM, or a name on a server, whose
    key is read from OPENAI_API_KEY.
    """
    # They load what planning needs, and that takes its time.
    from budgetfit.batch.running import run_many
    from budgetfit.cli.many_jobs import ManyJobs

    model = check_model(model, base_url)
    sampling = check_sampling(temperature, top_p, seed)
    given, max_model_len = ManyJobs(
        asking, videos or (), jobs, model if base_url is None else None
    ).checked()
    inputs = [*map(Path, videos or ()), *asking().inputs, *filter(None, (jobs, journal))]
    _check_files(journal, out, inputs)
    with ResultLines(out) as lines:
        engine = open_async_engine(model, base_url, max_model_len)
        try:
            results = run_many(
                given,
                engine,
                journal=journal,
                journaled="skip" if skip_journaled else "yield",
                ordered=ordered,
                num_processes=num_processes,
                concurrency=concurrency,
                retries=retries,
                sampling=sampling,
                close_engine=True,
            )
        except BudgetfitError:
            asyncio.run(engine.close())
            raise
        with closing(results):
            for result in results:
                lines.write(result)
    return lines.exit_code


def _check_files(journal: Path | None, out: Path | None, inputs: Sequence[Path]) -> None:
    """Refuse, before the engine is started, what could not be used."""
    if journal is not None:
        check_file("--journal", journal)
        if journal.exists():
            from budgetfit.batch.running import read_journal

            # The first record tells whether it is one.
            next(read_journal(journal), None)
    if out is not None and out != STDOUT:
        check_file("--out", out)
        if out.resolve() in {path.resolve() for path in inputs}:
            raise UsageError(f"--out {out} is read or kept by this command; give another file")
