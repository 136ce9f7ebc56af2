"""The commands: plan, run, run-many, explain, frontier, hint-video, profiles, serve."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, cast

import typer

from budgetfit import __version__
from budgetfit.cli.answering import Asking
from budgetfit.cli.asking import Asked, make_plan
from budgetfit.cli.demands import Demands
from budgetfit.cli.engines import check_model, check_sampling
from budgetfit.cli.explaining import explain_command
from budgetfit.cli.files import Outputs
from budgetfit.cli.frontier import frontier_command
from budgetfit.cli.hint_video import hint_video_command
from budgetfit.cli.options import (
    AtLeast,
    AtMost,
    BaseUrl,
    ContactSheet,
    EndS,
    Exclude,
    Images,
    Json,
    MaxImages,
    MaxModelLen,
    MaxSize,
    MaxTokens,
    MaxTokensPerImage,
    MinSize,
    MinSpacing,
    Model,
    Montage,
    NumCandidates,
    Profile,
    Prompt,
    PromptFile,
    Report,
    SameSize,
    Seed,
    ShowAt,
    StartS,
    Stream,
    SystemPrompt,
    Temperature,
    TimeLabels,
    TimeLimit,
    TopP,
    Transcript,
    TranscriptValue,
    Video,
)
from budgetfit.cli.run_many import run_many_command
from budgetfit.cli.serving import serve_command
from budgetfit.cli.sharing import as_partial, with_options_of
from budgetfit.cli.showing import ReaderGoneError, show, show_error, tolerate_encodings
from budgetfit.errors import BudgetfitError, UsageError
from budgetfit.profiles import PROFILES
from budgetfit.render.terminal import profiles_view

__all__ = ["run_commands"]

# typer exports no name for it: the base of all errors in how a command line is written.
_CommandLineError = cast("type[Exception]", typer.BadParameter.__mro__[1])

_UPSAMPLER_PROFILE = "cosmos-transfer1"
_DEFAULT_TIME_LIMIT_S = 2.0

_app = typer.Typer(
    help="Plan which frames of a video, at which resolution, fit a model's context.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# A second video gets an error that says what to do.
_ONE_VIDEO = {"allow_extra_args": True}


def run_commands(args: Sequence[str] | None, began: float) -> int:
    """Run the command that ``args`` name and return its exit code.

    Parameters
    ----------
    args : sequence of str, optional
        Arguments without the program's name; the process's own by default.
    began : float
        When the command began, on the scale of ``time.perf_counter``.

    Raises
    ------
    KeyboardInterrupt
        The user interrupted the command.
    """
    tolerate_encodings()
    command = typer.main.get_command(_app)
    arguments = sys.argv[1:] if args is None else list(args)
    try:
        result = command.main(arguments, "budgetfit", standalone_mode=False, obj=began)
    except BudgetfitError as error:
        show_error(str(error))
        return error.exit_code
    except _CommandLineError as error:
        message = cast("Any", error).format_message().rstrip(".")
        show_error(f"{message}; see budgetfit --help")
        return UsageError.exit_code
    except (ReaderGoneError, SystemExit):
        # typer exits where nobody reads its help.
        return 0
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    # typer returns the code of typer.Exit, and what a command returned otherwise.
    return result if isinstance(result, int) else 0


def _show_version(wanted: bool) -> None:
    if wanted:
        show(f"budgetfit {__version__}")
        raise typer.Exit


@_app.callback()
def _budgetfit(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _about(
    *,
    prompt: Prompt = None,
    prompt_file: PromptFile = None,
    transcript: Transcript = None,
    transcript_value: TranscriptValue = None,
    system_prompt: SystemPrompt = None,
    profile: Profile = None,
    max_model_len: MaxModelLen = None,
    max_tokens: MaxTokens = None,
    max_images: MaxImages = None,
    time_limit_s: TimeLimit = _DEFAULT_TIME_LIMIT_S,
    start_s: StartS = None,
    end_s: EndS = None,
    num_candidates: NumCandidates = None,
    show_at: ShowAt = None,
    exclude: Exclude = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    min_spacing: MinSpacing = None,
    min_size: MinSize = None,
    max_size: MaxSize = None,
    same_size: SameSize = False,
    max_tokens_per_image: MaxTokensPerImage = None,
    time_labels: TimeLabels = False,
    montage: Montage = False,
) -> Asked:
    return Asked(
        prompt=prompt,
        prompt_file=prompt_file,
        transcript=transcript,
        transcript_value=transcript_value,
        system_prompt=system_prompt,
        profile=profile,
        max_model_len=max_model_len,
        max_tokens=max_tokens,
        max_images=max_images,
        time_limit_s=time_limit_s,
        start_s=start_s,
        end_s=end_s,
        num_candidates=num_candidates,
        demands=Demands(
            show_at=show_at,
            exclude=exclude,
            at_least=at_least,
            at_most=at_most,
            min_spacing=min_spacing,
            min_size=min_size,
            max_size=max_size,
            same_size=same_size,
            max_tokens_per_image=max_tokens_per_image,
        ),
        time_labels=time_labels,
        montage=montage,
    )


@with_options_of(_about)
def _question(asked: Asked, context: typer.Context, video: Video) -> Asked:
    return replace(asked, videos=[video, *context.args], began=context.obj)


@with_options_of(_question)
def _asked(
    question: Asked,
    *,
    json: Json = None,
    images: Images = None,
    contact_sheet: ContactSheet = None,
    report: Report = None,
) -> Asked:
    return replace(question, outputs=Outputs(json, images, contact_sheet, report))


@_app.command(name="plan", context_settings=_ONE_VIDEO)
@with_options_of(_asked)
def _plan(asked: Asked) -> None:
    """Choose which frames of VIDEO to send, each at which resolution, and how much prompt."""
    make_plan(asked)


@_app.command(name="run", context_settings=_ONE_VIDEO)
@with_options_of(_asked)
def _run(
    asked: Asked,
    *,
    model: Model = None,
    base_url: BaseUrl = None,
    temperature: Temperature = None,
    top_p: TopP = None,
    seed: Seed = None,
    stream: Stream = False,
) -> None:
    """Plan as "plan" does, ask a model with it, and show the answer.

    The model is a folder with weights, for vLLM in this process, or a name on a server, whose key
    is read from OPENAI_API_KEY.
    """
    model = check_model(model, base_url)
    sampling = check_sampling(temperature, top_p, seed)
    if base_url is None and asked.profile is None:
        asked = asked.for_model(model)
    plan, pictures = make_plan(asked, needs_pictures=True)
    asking = Asking(model, base_url, sampling, asked.outputs.json_on_stdout)
    if stream:
        asking.show_pieces(plan, pictures)
    else:
        asking.show_answer(plan, pictures)


_app.command(name="run-many")(with_options_of(as_partial(_about))(run_many_command))
_app.command(name="explain")(explain_command)
_app.command(name="frontier", context_settings=_ONE_VIDEO)(
    with_options_of(_question)(frontier_command)
)
_app.command(name="hint-video")(
    with_options_of(_question, profile=_UPSAMPLER_PROFILE)(hint_video_command)
)
_app.command(name="serve")(serve_command)


@_app.command(name="profiles")
def _profiles() -> None:
    """List the models and deployments that plans can be made for."""
    show(profiles_view(PROFILES.values()))
