"""Pages read by a strict parser, and plans whose every text is hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

import budgetfit
from budgetfit import PromptBlock
from tests.video.clips import make_clip

# Elements that have no end tag, as the HTML standard lists them.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
VOID |= {"source", "track", "wbr"}

HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "{{7*7}} {% raw %} {# comment",
    "</script></style></title></pre><!--",
    "'); alert(3); ('",
    "\u202eright to left",
)
# A slash would be a folder.
HOSTILE_NAME = '"><img src=x onerror=alert(4)>{{7*7}}&amp;.mp4'


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A page; every start tag must have its end tag, in order."""

    elements: list[Element] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        page.feed(html)
        page.close()
        page.problems += [f"<{element.tag}> is never closed" for element in page.open]
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.problems.append(f"<{tag}> has an attribute twice: {names}")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.problems.append(f"<{tag}/> closes itself, which HTML does not know")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")
            return
        element = self.open.pop()
        if self.open:
            self.open[-1].text += element.text

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def with_attribute(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.attributes]

    @property
    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.with_attribute("id")]

    @property
    def loads(self) -> list[str]:
        """What a browser would load or lead to."""
        names = ("src", "href", "srcset", "data", "action", "poster", "background", "xlink:href")
        attributes = [
            element.attributes[name] for name in names for element in self.with_attribute(name)
        ]
        styles = [element.text for element in self.all("style")]
        styles += [element.attributes["style"] for element in self.with_attribute("style")]
        return [
            *attributes,
            *(url for style in styles for url in re.findall(r"url\(|@import|image-set", style)),
        ]


def hostile_plan(folder: Path) -> budgetfit.Plan:
    """A plan whose file, prompt, blocks, system prompt and warnings are all hostile."""
    path = folder / HOSTILE_NAME
    make_clip(path, 25, width=160, height=96)
    blocks = [PromptBlock(f"{text}\n" * 9, cut="line", name=text) for text in HOSTILE_TEXTS]
    return budgetfit.plan(
        path,
        [*blocks, PromptBlock(" ".join(HOSTILE_TEXTS), required=True)],
        system_prompt="\n".join(HOSTILE_TEXTS),
        max_model_len=1100,
        time_labels=True,
    )


def black_clip(path: Path) -> Path:
    make_clip(path, [np.zeros((96, 160, 3), dtype=np.uint8)] * 10, width=160, height=96)
    return path
