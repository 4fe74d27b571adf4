"""A session on a small case, and napari's window around it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import made_study

from napari_callout.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session on the small case."""
    one = Session()
    one.take_case(made_study.case(tmp_path))
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples that a test opens go with its own files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def host(make_napari_viewer: Callable[..., Any], qtbot: Any) -> Iterator[Any]:
    """Callout in a shown window, empty; closed before the window goes."""
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        pytest.skip("there is no display to show a window on")
    import reader

    one = reader.shown_host(make_napari_viewer, qtbot)
    yield one
    one.close()
