"""A prompt upsampler with the interface of Cosmos-Transfer1's, which plans what it sends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from PIL import Image

from budgetfit.cosmos.hint_video import NUM_FRAMES, PROFILE
from budgetfit.engines import VLLMEngine
from budgetfit.errors import UsageError
from budgetfit.planner import plan as plan_video

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from types import TracebackType

    from budgetfit.plans import Plan

    Picture = str | os.PathLike[str] | Image.Image

__all__ = ["PixtralPromptUpsampler"]

# As in cosmos_transfer1: where its download script puts the model, and how it starts and asks vLLM.
_CHECKPOINT = Path("nvidia", "Cosmos-UpsamplePrompt1-12B-Transfer")
_ENGINE_ARGS: dict[str, Any] = {
    "tensor_parallel_size": 1,
    "gpu_memory_utilization": 0.98,
    "max_model_len": 4096,
    "max_num_seqs": 2,
    "limit_mm_per_prompt": {"image": NUM_FRAMES},
    "enable_prefix_caching": True,
}
_TEMPERATURE = 0.6


class PixtralPromptUpsampler:
    """Takes the place of ``PixtralPromptUpsampler`` of ``cosmos_transfer1``.

    Where that one sends the first two frames of a file as they are, and fails where they do not
    fit, this one plans: which two frames, each at which size, and how much of the prompt.

    Parameters
    ----------
    checkpoint_dir : str or path
        The folder of all checkpoints, with the model in
        ``nvidia/Cosmos-UpsamplePrompt1-12B-Transfer``.
    offload_prompt_upsampler : bool
        Whether the model is loaded for each call and released after it, which takes a minute or
        two; by default it is loaded here and stays until ``close``.
    **engine_args
        vLLM's engine arguments over those of Cosmos-Transfer1, such as
        ``gpu_memory_utilization``.

    Attributes
    ----------
    upsampler_model : VLLMEngine or None
        The engine while it is loaded.
    sampling_params : dict
        Sampling parameters by vLLM's names.
    last_plan : Plan or None
        What was sent last.

    Raises
    ------
    UsageError
        The model's folder is not there.
    MissingExtraError, EngineError
        As by :class:`budgetfit.engines.VLLMEngine`, which also hides torch-elastic's variables
        from vLLM and has its worker processes spawned.
    """

    def __init__(
        self,
        checkpoint_dir: str | os.PathLike[str],
        offload_prompt_upsampler: bool = False,
        **engine_args: Any,
    ) -> None:
        self.checkpoint_dir = checkpoint_dir
        self.offload_prompt_upsampler = offload_prompt_upsampler
        self.sampling_params: dict[str, Any] = {"temperature": _TEMPERATURE}
        self.upsampler_model: VLLMEngine | None = None
        self.last_plan: Plan | None = None
        self._engine_args = {**_ENGINE_ARGS, **engine_args}
        if not offload_prompt_upsampler:
            self._load_upsampler_model()

    def close(self) -> None:
        """Release the model; closing twice is allowed."""
        self._offload_upsampler_model()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _load_upsampler_model(self) -> None:
        if self.upsampler_model is not None:
            return
        folder = Path(self.checkpoint_dir) / _CHECKPOINT
        if not folder.is_dir():
            raise UsageError(
                f"{folder} is no folder; give the checkpoint_dir into which Cosmos-Transfer1's "
                "checkpoints were downloaded"
            )
        self.upsampler_model = VLLMEngine(folder, **self._engine_args)

    def _prompt_upsample_with_offload(
        self, prompt: str | None, video_path: str | os.PathLike[str] | Sequence[Picture]
    ) -> str:
        """Return the prompt as the model writes it anew after seeing the video.

        Parameters
        ----------
        prompt : str or None
            What to ask; ``"describe the following images"`` where it is empty.
        video_path : path, or sequence of (path or PIL.Image.Image)
            A video, or pictures in the order of time, from which the best two are chosen.

        Raises
        ------
        UsageError
            A picture cannot be read, or the upsampler was closed.
        VideoError, InfeasibleError, TokenMismatchError, EngineError
            As by :func:`budgetfit.plan` and :meth:`budgetfit.Plan.run`.
        """
        if not self.offload_prompt_upsampler:
            return self._prompt_upsample(prompt, video_path)
        # What cannot be planned needs no model; a failure leaves none behind.
        plan = self._plan(prompt, video_path)
        self._load_upsampler_model()
        try:
            return self._answer(plan)
        finally:
            self._offload_upsampler_model()

    def _prompt_upsample(
        self, prompt: str | None, video_path: str | os.PathLike[str] | Sequence[Picture]
    ) -> str:
        return self._answer(self._plan(prompt, video_path))

    def _offload_upsampler_model(self) -> None:
        if self.upsampler_model is not None:
            self.upsampler_model.close()
            self.upsampler_model = None

    def _plan(
        self, prompt: str | None, video_path: str | os.PathLike[str] | Sequence[Picture]
    ) -> Plan:
        video: Any = video_path
        if isinstance(video_path, list | tuple):
            pictures = [_opened(picture) for picture in video_path]
            video = (pictures, [float(number) for number in range(len(pictures))])
        self.last_plan = plan_video(
            video,
            prompt or None,
            profile=PROFILE,
            max_model_len=self._engine_args["max_model_len"],
        )
        return self.last_plan

    def _answer(self, plan: Plan) -> str:
        if self.upsampler_model is None:
            raise UsageError("the upsampler was closed; make a new PixtralPromptUpsampler")
        return plan.run(self.upsampler_model, sampling=self.sampling_params).text.strip()


def _opened(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        return picture
    try:
        with Image.open(picture) as image:
            image.load()
            return image
    except (OSError, Image.DecompressionBombError) as error:
        raise UsageError(
            f"the picture {picture} cannot be read: {error}; give an image file"
        ) from error
