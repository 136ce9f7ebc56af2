"""A proxy in front of an OpenAI-compatible server that makes requests fit the model's context.

``budgetfit serve`` runs it; :func:`create_app` returns it for any ASGI server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgetfit.serving.settings import PlanningSettings, ServeSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.applications import Starlette

__all__ = ["PlanningSettings", "ServeSettings", "create_app"]


def create_app(settings: ServeSettings, trusted_hosts: Sequence[str] | None = None) -> Starlette:
    """Return the proxy as an application for any ASGI server.

    Parameters
    ----------
    settings : ServeSettings
        The server behind it, and the limits.
    trusted_hosts : sequence of str, optional
        Names by which clients may call the proxy, without port; any by default.

    Raises
    ------
    MissingExtraError
        Starlette or httpx is not installed.
    """
    from budgetfit.serving.app import create_app as create

    return create(settings, trusted_hosts)
