"""Settings of all tests: how fast a machine is decides nothing, and neither do its user's preferences."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("callout", deadline=None, derandomize=True)  # the same examples on every machine
settings.register_profile("long", deadline=None, max_examples=1000)  # of `make fuzz`: others each time
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "callout"))

SETTINGS = "WIN_PD_OVERRIDE_LOCAL_APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME"  # platformdirs heeds it

CACHES = "WIN_PD_OVERRIDE_LOCAL_APPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"


@pytest.fixture(scope="session", autouse=True)
def _no_preferences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The folders of the user's settings and caches are empty ones, also for the programs that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SETTINGS, str(tmp_path_factory.mktemp("settings")))
        patch.setenv(CACHES, str(tmp_path_factory.mktemp("caches")))
        yield


@pytest.fixture
def settings_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's user has settings; not there yet."""
    monkeypatch.setenv(SETTINGS, str(tmp_path / "settings"))
    return tmp_path / "settings"
