"""What journeys share: the samples, real images where CALLOUT_DATA names them, and the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
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
