"""What journeys share: the samples, real images where CALLOUT_DATA names them, and the command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callout.cli import main

Run = Callable[..., Any]


@pytest.fixture
def data() -> Path:
    """The folder of real images; the test is skipped, saying so, where there is none."""
    named = os.environ.get("CALLOUT_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("CALLOUT_DATA does not name a folder of real images")
    return Path(named)


@pytest.fixture
def samples() -> Path:
    """sample_dicoms/ of this tree."""
    return Path(__file__).parents[2] / "sample_dicoms"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """`callout` with these words; its JSON where --json is among them, else what it printed. It has to succeed."""

    def call(*words: object) -> Any:
        capfd.readouterr()
        status = main([str(word) for word in words])
        said = capfd.readouterr()
        assert status == 0, said.err
        return json.loads(said.out) if "--json" in words else said.out

    return call


@pytest.fixture
def reader(make_napari_viewer: Callable[..., Any], qtbot: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """One who reads at Callout's shown window, which is empty; at the end nothing was said that did not work."""
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        pytest.skip("there is no display to show a window on")
    from reader import Reader, shown_host

    host = shown_host(make_napari_viewer, qtbot)
    yield Reader(host)
    host.close()
