"""vLLM's renderer of Mistral's chats, with a plan before it where vLLM would refuse."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vllm.exceptions import GracefulHTTPError, VLLMValidationError
from vllm.logger import init_logger
from vllm.renderers.mistral import MistralRenderer

from budgetfit.engines.length_errors import is_length_error
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.workers import Workers
from budgetfit.vllm_plugin.conversations import needs_plan, plain, request_of
from budgetfit.vllm_plugin.settings import VARIABLE, settings_of

if TYPE_CHECKING:
    from budgetfit.serving.fitted import Fitted

__all__ = ["PlanningRenderer"]

# Below vLLM's own, whose messages the operator sees.
_LOG = init_logger("vllm.budgetfit")

# What the proxy is told by its options, the plug-in is told elsewhere.
_HERE = {
    "--allow-dir": "--allowed-local-media-path",
    "--allow-host": "--allowed-media-domains",
    "--max-media-mib": f"max_media_bytes in {VARIABLE}",
    "--worker-memory-mib": f"memory_bytes in {VARIABLE}",
    "the proxy": "the server",
}
_THERE = re.compile("|".join(map(re.escape, _HERE)))


class PlanningRenderer(MistralRenderer):  # type: ignore[misc]  # vLLM is not installed everywhere
    """Renders what vLLM takes as vLLM does, and plans what it would refuse: videos, and too much.

    Plans are made in processes of their own, which are started when the first is needed.

    Parameters
    ----------
    config : vllm.config.VllmConfig
        The server's.
    tokenizer : vllm.tokenizers.mistral.MistralTokenizer or None
        The model's.

    Raises
    ------
    UsageError
        The settings cannot be used.
    """

    def __init__(self, config: Any, tokenizer: Any) -> None:
        super().__init__(config, tokenizer)
        self._settings = settings_of(config.model_config)
        self._workers: Workers | None = None
        self._starting = asyncio.Lock()
        _LOG.info("videos and what does not fit are planned by the rules of %s", self._profile)

    @property
    def _profile(self) -> str:
        return self._settings.planning.profile

    async def render_chat_async(
        self,
        conversations: Any,
        chat_params: Any,
        tok_params: Any = None,
        **options: Any,
    ) -> Any:
        """Render conversations for the engine, as the base class does."""
        params = self.default_chat_tok_params if tok_params is None else tok_params
        rendered = [
            self._rendered(plain(messages), chat_params, params, options)
            for messages in conversations
        ]
        pairs = [
            (conversation, prompt) for (conversation,), (prompt,) in await asyncio.gather(*rendered)
        ]
        return [conversation for conversation, _ in pairs], [prompt for _, prompt in pairs]

    async def _rendered(
        self, messages: list[Any], chat_params: Any, params: Any, options: dict[str, Any]
    ) -> Any:
        """Render one conversation: as it is, or where that is refused for its length, planned."""
        refusal: Exception | None = None
        if not needs_plan(messages, self._settings.planning.max_images):
            try:
                return await super().render_chat_async(
                    [messages], chat_params, _with_an_answer(params), **options
                )
            except Exception as error:
                if not is_length_error(str(error), getattr(error, "parameter", None)):
                    raise
                refusal = error
        fitted = await self._fitted(messages, chat_params, params)
        if fitted is None or fitted.body is None:
            # vLLM says why it takes none of it.
            if refusal is not None:
                raise refusal
            return await super().render_chat_async([messages], chat_params, params, **options)
        planned = json.loads(fitted.body)["messages"]
        conversations, prompts = await super().render_chat_async(
            [planned], chat_params, params, **options
        )
        self._tell(fitted, len(prompts[0]["prompt_token_ids"]))
        return conversations, prompts

    async def _fitted(self, messages: list[Any], chat_params: Any, params: Any) -> Fitted | None:
        body = request_of(
            messages,
            chat_params.get_apply_chat_template_kwargs(),
            max_tokens=params.max_output_tokens,
            truncate_prompt_tokens=params.truncate_prompt_tokens,
        )
        if body is None:
            return None
        # Counting alone has no limit in vLLM.
        room = params.max_total_tokens or self.model_config.max_model_len
        try:
            workers = await self._started()
            return await workers.fit(body, {self.model_config.model: room})
        except RefusedError as error:
            raise _refusal(error) from error

    async def _started(self) -> Workers:
        async with self._starting:
            if self._workers is None:
                settings = self._settings
                workers = Workers(
                    settings.num_workers,
                    settings.planning,
                    timeout_s=settings.planning_timeout_s,
                    max_waiting=settings.max_waiting,
                )
                await workers.start()
                self._workers = workers
        return self._workers

    @staticmethod
    def _tell(fitted: Fitted, counted: int) -> None:
        report = fitted.report
        if report.num_tokens != counted:
            _LOG.error(
                "vLLM counts %d prompt tokens and the plan has %s; please report this",
                counted,
                report.num_tokens,
            )
        _LOG.info(
            "%s: %d pictures, %d prompt tokens of %s%s",
            report.outcome,
            report.num_images,
            counted,
            report.max_model_len,
            "".join(f"; {warning}" for warning in report.warnings),
        )


def _with_an_answer(params: Any) -> Any:
    """Return the same limits with one token less for the prompt, which an answer needs.

    vLLM refuses a prompt of the whole context only after its pictures were processed, and they are
    then missing where the next request brings them.
    """
    if params.max_total_tokens is None or params.truncate_prompt_tokens is not None:
        return params
    most = params.max_total_tokens - 1
    return dataclasses.replace(
        params, max_total_tokens=most, max_output_tokens=min(params.max_output_tokens, most)
    )


def _refusal(error: RefusedError) -> Exception:
    message = _THERE.sub(lambda found: _HERE[found[0]], error.message)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= 500:
        failure: Exception = GracefulHTTPError(message, HTTPStatus(error.status))
    else:
        failure = VLLMValidationError(message, parameter=error.param)
    return failure
