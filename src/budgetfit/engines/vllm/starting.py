"""Starts vLLM: with budgetfit's defaults, in an environment in which it comes up."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budgetfit.engines.elastic import without_torch_elastic
from budgetfit.engines.vllm.failures import first_line
from budgetfit.errors import BudgetfitError, EngineError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

__all__ = ["engine_arguments", "import_vllm", "starting"]

_DEFAULT_MAX_MODEL_LEN = 4096


def import_vllm() -> ModuleType:
    """Return vLLM.

    Raises
    ------
    MissingExtraError
        It is not installed.
    EngineError
        It is installed and cannot be imported.
    """
    try:
        import vllm
    except ImportError as error:
        if error.name == "vllm":
            raise MissingExtraError("vllm", "vllm") from error
        raise EngineError(
            f"vLLM is installed but cannot be imported: {first_line(error)}; install it again"
        ) from error
    return vllm  # type: ignore[no-any-return]


def engine_arguments(
    model: str | os.PathLike[str], engine_args: Mapping[str, Any]
) -> dict[str, Any]:
    """Return vLLM's engine arguments: budgetfit's defaults and, over them, ``engine_args``."""
    return {
        "model": os.fspath(model),
        "max_model_len": _DEFAULT_MAX_MODEL_LEN,
        "mm_processor_cache_gb": 0,
        **_mistral_format(Path(model)),
        **engine_args,
    }


@contextmanager
def starting(model: str | os.PathLike[str]) -> Iterator[None]:
    """Set the environment in which vLLM starts, and put it back.

    Raises
    ------
    EngineError
        vLLM failed inside the block.
    """
    # A fork of a process that has used CUDA or threads hangs.
    name, method = "VLLM_WORKER_MULTIPROC_METHOD", "spawn"
    unset = name not in os.environ
    os.environ.setdefault(name, method)
    try:
        with without_torch_elastic():
            yield
    except BudgetfitError:
        raise
    except Exception as error:
        raise EngineError(
            f"vLLM could not start {os.fspath(model)}: {first_line(error)}; "
            "check the folder and the engine arguments"
        ) from error
    finally:
        if unset:
            os.environ.pop(name, None)


def _mistral_format(folder: Path) -> dict[str, Any]:
    """Engine arguments for a folder in Mistral's own format; none for anything else."""
    if not (folder / "params.json").is_file():
        return {}
    return dict.fromkeys(("tokenizer_mode", "config_format", "load_format"), "mistral")
