"""The server that answers."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import httpx

from budgetfit.serving.headers import passed_up
from budgetfit.serving.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.serving.settings import ServeSettings

    Headers = Sequence[tuple[str, str]]

__all__ = ["Upstream", "UpstreamRefusedError"]

_CONNECT_TIMEOUT_S = 10.0
# Less than servers keep a connection through which nothing comes (vLLM 5 s, some 2 s): a request
# that is sent just as its connection is closed would be lost.
_KEEPALIVE_S = 1.0
_MODELS_TIMEOUT_S = 30.0
# A server that was started again may have another context.
_MODELS_KEPT_S = 30.0
_MAX_KEYS = 256


class UpstreamRefusedError(Exception):
    """The server does not tell its models, and says why.

    Parameters
    ----------
    response : httpx.Response
        What it answered.
    """

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"the server answered {response.status_code}")
        self.response = response


class Upstream:
    """Sends requests to the server, each once.

    Parameters
    ----------
    settings : ServeSettings
        Where it is, and how long it may take.
    transport : httpx.AsyncBaseTransport, optional
        In place of the network.
    """

    def __init__(
        self, settings: ServeSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._root_url = settings.root_url
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.upstream_timeout_s, connect=_CONNECT_TIMEOUT_S),
            # As many as there are clients, whose number is bounded elsewhere.
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=64, keepalive_expiry=_KEEPALIVE_S
            ),
            follow_redirects=False,
            # A proxy that the environment names would read what clients send.
            trust_env=False,
            transport=transport,
        )
        self._models: OrderedDict[bytes, tuple[float, dict[str, int | None]]] = OrderedDict()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def open(
        self, method: str, path: str, headers: Headers, body: bytes, query: str = ""
    ) -> httpx.Response:
        """Send a request, and return the response with its body unread; the caller closes it.

        Raises
        ------
        RefusedError
            The server cannot be reached or does not answer.
        """
        url = httpx.URL(self._root_url + path).copy_with(query=query.encode() or None)
        request = self._client.build_request(
            method, url, headers=list(passed_up(headers)), content=body or None
        )
        try:
            return await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    async def max_model_lens(self, headers: Headers) -> dict[str, int | None]:
        """Return the context of each model that a client may ask, by its name.

        Raises
        ------
        RefusedError
            The server cannot be reached, or its answer is no list of models.
        UpstreamRefusedError
            It does not tell them, to this client.
        """
        # What one client may see is nothing that others are told.
        sign = [pair for pair in passed_up(headers) if pair[0] in {"authorization", "api-key"}]
        key = hashlib.sha256(repr(sign).encode()).digest()
        until, models = self._models.get(key, (0.0, {}))
        if time.monotonic() < until:
            return models
        try:
            response = await self._client.get(
                f"{self._root_url}/v1/models", headers=sign, timeout=_MODELS_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        if response.status_code != 200:
            raise UpstreamRefusedError(response)
        models = _read_models(response)
        self._models[key] = time.monotonic() + _MODELS_KEPT_S, models
        if len(self._models) > _MAX_KEYS:
            self._models.popitem(last=False)
        return models


def unreachable(error: httpx.HTTPError) -> RefusedError:
    """Return what a client is told where the server does not answer."""
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return RefusedError(
            504, "the server took too long to answer; its log says why", "upstream_timeout"
        )
    return RefusedError(
        502,
        f"the server cannot be reached ({str(error) or type(error).__name__}); check that it runs "
        "where --base-url says",
        "upstream_unreachable",
    )


def _read_models(response: httpx.Response) -> dict[str, int | None]:
    """Return ``max_model_len`` of each model; an adapter has that of the model below it."""
    try:
        cards: list[dict[str, Any]] = response.json()["data"]
        told = {str(card["id"]): card.get("max_model_len") for card in cards}
        parents = {str(card["id"]): card.get("parent") for card in cards}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RefusedError(
            502,
            "the server's /v1/models is no list of models; check that --base-url is the address "
            "of an OpenAI-compatible server",
            "upstream_unknown",
        ) from error
    lens = {
        name: told.get(str(parents[name])) if told[name] is None else told[name] for name in told
    }
    return {name: value if isinstance(value, int) else None for name, value in lens.items()}
