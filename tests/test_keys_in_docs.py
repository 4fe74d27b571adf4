"""What the docs say of keys is what the window does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from napari_callout.session.keys import TABLE

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [*sorted((DOCS / "tutorials").glob("*.md")), DOCS / "how-to" / "draw.md", DOCS / "how-to" / "open.md"]
KEYS = {key for action in TABLE for key in action.keys}
OTHERS = {"Tab", "Ctrl", "Shift", "Alt", "Ctrl+Enter", "←", "→"}  # of Qt, of a drag or of an editor
LOOKS_LIKE = re.compile(r"`((?:Ctrl\+|Shift\+|Alt\+)*(?:[A-Z0-9?,.+=←→\[\]-]|F\d+|[A-Z][a-z]+|Pg(?:Up|Down)))`")


def test_the_reference_of_keys_is_the_table() -> None:
    made = runpy.run_path(str(DOCS / "keys.py"))["text"]()
    assert (DOCS / "reference" / "keys.md").read_text("utf-8") == made, "make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_keys_that_there_are(page: Path) -> None:
    named = set(LOOKS_LIKE.findall(page.read_text("utf-8")))
    assert named <= KEYS | OTHERS, named - KEYS - OTHERS


@pytest.mark.parametrize("page", [*PAGES, DOCS / "concepts" / "interface.md"], ids=lambda page: page.stem)
def test_a_page_shows_pictures_that_there_are(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
