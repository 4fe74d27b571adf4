"""Programs that are run as peers: found by name, bounded in time, their words kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SECONDS = 120
PEERS = Path(sys.prefix)  # `make peers` makes this environment, with Node's packages in it
NODE = PEERS / "node"


class Refused(Exception):
    """The peer did not take the file; its words."""


class NotAsked(Exception):
    """The peer has a known limit that this file exceeds; which."""


class NotInstalled(Exception):
    """The peer is not on this machine."""


def program(name: str) -> str:
    """Where a program is: in the environment of the peers, or in Debian's folders."""
    places = os.pathsep.join([str(PEERS / "bin"), os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which(name, path=places)
    if found is None:
        raise NotInstalled(name)
    return found


def run(command: Sequence[str | Path], *, strict: bool = True, seconds: int = SECONDS) -> str:
    """What a program says on both channels; Refused with its last words where it fails (or `strict` is off: never)."""
    whole = [program(str(command[0])), *map(str, command[1:])]
    try:
        told = subprocess.run(whole, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise Refused(f"no answer in {seconds} s") from error
    said = (told.stdout + b"\n" + told.stderr).decode("utf-8", "replace").strip()
    if strict and told.returncode:
        lines = [line for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if "rror" in line] or lines[-1:] or [f"status {told.returncode}"]
        raise Refused(telling[0].strip())
    return said
