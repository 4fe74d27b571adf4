"""A disk without room, and one that only reads: both by the kernel's own refusal."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def full_disk() -> Iterator[None]:
    """Inside, what a file is longer than already can't be written."""
    resource = pytest.importorskip("resource", reason="no limit on the size of files here")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Inside, nothing in the folder can be written; for root, whom no permission stops, by mounting it so."""
    mounted = False
    before = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        if os.access(folder, os.W_OK):
            mounted = _mount_read_only(folder)
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.chmod(before)


def _mount_read_only(folder: Path) -> bool:
    if shutil.which("mount") is None:
        pytest.skip("nothing can be made read-only for this user")
    for command in (["mount", "--bind", str(folder), str(folder)], ["mount", "-o", "remount,ro,bind", str(folder)]):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            subprocess.run(["umount", str(folder)], check=False, capture_output=True)
            pytest.skip("nothing can be made read-only for this user")
    return True
