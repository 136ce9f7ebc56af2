"""The page and the fragment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError, VideoError
from budgetfit.report.templating import rendered, require_jinja, sha256_source, source_of

if TYPE_CHECKING:
    from budgetfit.plans import Plan
    from budgetfit.video.sources import Video

__all__ = ["plan_html", "report"]

# Pixels of all pictures of a fragment together: a notebook may show many plans.
_MAX_FRAGMENT_PIXELS = 160_000


def report(plan: Plan, path: str | os.PathLike[str], *, video: Video | None = None) -> None:
    """Write one HTML page about ``plan``, which loads nothing from elsewhere.

    Parameters
    ----------
    plan : Plan
        The plan.
    path : path
        Where to; a file there is replaced.
    video : Video, optional
        The video, where the plan comes from a file and its path does not lead to it.

    Raises
    ------
    MissingExtraError
        The extra ``report`` is not installed.
    UsageError
        The file cannot be written; or the plan comes from a file and was made with functions.
    VideoError, PlanFileError
        As :func:`~budgetfit.explain.restoring.restored`.
    """
    require_jinja()
    from budgetfit.explain.restoring import restored
    from budgetfit.report.contents import page_contents

    plan = restored(plan, video)
    made = plan.made_from
    if made is None:
        raise RuntimeError("a restored plan has what it was made from")
    script = source_of("page.js")
    page = rendered(
        "page.html",
        **page_contents(plan, made),
        script=script,
        script_source=sha256_source(script),
        style=source_of("page.css"),
    )
    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write the report {os.fspath(path)}: {error.strerror}; choose another path"
        ) from error


def plan_html(plan: Plan) -> str:
    """Return a fragment of HTML about ``plan`` for notebooks, without scripts.

    It shows the pictures small where the video can be read, and says why where it cannot.

    Raises
    ------
    MissingExtraError
        The extra ``report`` is not installed.
    """
    require_jinja()
    from budgetfit.report.contents import headline, picture_rows
    from budgetfit.report.pictures import page_images
    from budgetfit.report.token_bar import token_bar, token_legend

    try:
        images, _ = page_images(plan.images(), _MAX_FRAGMENT_PIXELS)
        unread = ""
    except VideoError as error:
        images, unread = (), str(error)
    return rendered(
        "fragment.html",
        plan=plan,
        headline=headline(plan),
        pictures=picture_rows(plan, [None] * len(plan.pictures)),
        images=images,
        unread=unread,
        token_bar=token_bar(plan),
        token_legend=token_legend(plan),
        style=source_of("fragment.css"),
    )
