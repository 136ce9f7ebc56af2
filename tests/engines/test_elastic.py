from __future__ import annotations

import os

import pytest

from budgetfit.engines.elastic import without_torch_elastic
from tests.engines.conftest import ELASTIC_VARIABLES


@pytest.mark.parametrize("failing", [False, True])
def test_the_variables_are_hidden_and_put_back(
    failing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ELASTIC_VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTERPIECE", "kept")
    before = dict(os.environ)
    seen: set[str] = set()

    def start() -> None:
        with without_torch_elastic():
            seen.update(os.environ)
            if failing:
                raise RuntimeError("the engine did not start")

    if failing:
        with pytest.raises(RuntimeError, match="did not start"):
            start()
    else:
        start()
    assert seen == before.keys() - ELASTIC_VARIABLES.keys()
    assert dict(os.environ) == before


def test_what_was_not_set_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ELASTIC_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    with without_torch_elastic():
        assert dict(os.environ) == before
    assert dict(os.environ) == before
