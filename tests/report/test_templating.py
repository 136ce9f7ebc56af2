"""Everything inserted is text."""

from __future__ import annotations

import pytest

from budgetfit.report.templating import rendered, sha256_source, source_of


def test_a_policys_hash_is_that_of_the_standard() -> None:
    # The example of "Content Security Policy Level 3", section 8.3 (usage of hashes).
    source = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    assert sha256_source("alert('Hello, world.');") == source


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(Exception, match="is undefined"):
        rendered("fragment.html")


def test_the_script_and_the_styles_end_no_element() -> None:
    for name in ("page.js", "page.css", "fragment.css"):
        text = source_of(name)
        assert "</" not in text
        assert "<!--" not in text
