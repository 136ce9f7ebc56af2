"""The plug-in may do what vLLM's options and one variable say, and nothing by default."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from budgetfit.errors import UsageError
from budgetfit.vllm_plugin import register
from budgetfit.vllm_plugin.settings import VARIABLE, settings_of

NAMED = '{"profile": "pixtral-12b"}'


def model(**changes: Any) -> Any:
    images = SimpleNamespace(get_limit_per_prompt=lambda modality: {"image": 8}[modality])
    settings: dict[str, Any] = {
        "model": "mistralai/Pixtral-12B-2409",
        "allowed_local_media_path": "",
        "allowed_media_domains": None,
        "multimodal_config": images,
    }
    return SimpleNamespace(**settings | changes)


def test_clients_may_name_what_vllm_allows_and_no_host_where_it_allows_any(tmp_path: Path) -> None:
    settings = settings_of(model(), {VARIABLE: NAMED})
    assert (settings.planning.allowed_dirs, settings.planning.allowed_hosts) == ((), ())
    assert (settings.planning.max_images, settings.num_workers) == (8, 1)
    allowed = model(allowed_local_media_path=str(tmp_path), allowed_media_domains=["a.example"])
    planning = settings_of(allowed, {VARIABLE: NAMED}).planning
    assert (planning.allowed_dirs, planning.allowed_hosts) == ((tmp_path,), ("a.example",))


def test_the_variable_says_otherwise(tmp_path: Path) -> None:
    given = f'{{"profile": "pixtral-12b", "num_workers": 3, "allowed_dirs": ["{tmp_path}"],'
    given += '"allowed_hosts": ["b.example"], "max_images": null, "max_tokens": 50}'
    settings = settings_of(model(), {VARIABLE: given})
    planning = settings.planning
    assert (settings.num_workers, planning.max_tokens, planning.max_images) == (3, 50, None)
    assert (planning.allowed_dirs, planning.allowed_hosts) == ((tmp_path,), ("b.example",))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "is no JSON"),
        ("3", "is 3; give a JSON object"),
        ('{"workers": 2}', "has 'workers'; give some of"),
        ('{"profile": "pixtral-12b", "num_workers": 0}', "num_workers is 0"),
        ('{"profile": "pixtral-12b", "max_tokens": 0}', "max_tokens is 0"),
        ('{"profile": "pixtral-12b", "max_tokens": "9"}', "max_tokens is '9'"),
        ('{"profile": "pixtral-12b", "allowed_hosts": "a.example"}', "is 'a.example'; give a list"),
        ("{}", "is no folder that tells its token rules"),
    ],
)
def test_wrong_settings_are_told_before_the_server_starts(given: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        settings_of(model(), {VARIABLE: given})


@pytest.mark.parametrize("named", [None, "", "another", "budgetfit2,another"])
def test_nothing_changes_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.delenv("VLLM_PLUGINS", raising=False)
    if named is not None:
        monkeypatch.setenv("VLLM_PLUGINS", named)
    # It would import vLLM, which is not there or takes seconds.
    for module in ("vllm", "vllm.renderers.registry"):
        monkeypatch.setitem(sys.modules, module, None)
    register()
    monkeypatch.setenv("VLLM_PLUGINS", "another,budgetfit")
    with pytest.raises(ImportError):
        register()
