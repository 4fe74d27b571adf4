"""`view`: the viewer, in a process of its own, so that this one never imports Qt or napari."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from callout.cli.preferences import reader_of
from callout.errors import InputError


def view(options: argparse.Namespace) -> int:
    """Open the viewer on a case, or on folders of DICOM."""
    if not viewer_is_installed():
        raise InputError("the viewer is not installed", remedy="install callout with its viewer: callout[viewer]")
    if not has_screen():
        raise InputError("there is no screen to open the viewer on", remedy="use the other commands, or set DISPLAY")
    reader = reader_of(options)
    # As one word, since a name may begin with a dash
    named = [f"--reader={reader}"] if reader else []
    return run_viewer([*named, *(["--all-readers"] if options.all_readers else []), "--", *options.paths])


def viewer_is_installed() -> bool:
    """Whether napari, a Qt and our plugin are there; nothing of them is imported."""
    return all(find_spec(name) is not None for name in ("napari", "napari_callout", "PySide6"))


def has_screen() -> bool:
    """Whether a window could be seen."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_viewer(arguments: Sequence[str]) -> int:
    """Run the viewer until it is closed; its exit status."""
    command = [sys.executable, "-m", "napari_callout", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603  # our own interpreter; no shell
