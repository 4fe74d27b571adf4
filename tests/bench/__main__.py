"""`make bench`: what the aims for speed and size are held to, as one table. A room adds its module to ROOMS.

usage: python -m bench [ROOM…]
A module has one function, `rows(folder)`, that yields Rows and may write into the empty folder.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from bench.table import table

ROOMS = (
    "case",
    "codecs",
    "exports",
    "figures",
    "load",
    "masks",
    "planes",
    "reports",
    "scan",
    "segmentations",
    "viewer",
)


def main(rooms: list[str]) -> None:
    for room in rooms or ROOMS:
        with tempfile.TemporaryDirectory(prefix="callout-bench-") as folder:
            rows = list(importlib.import_module(f"bench.{room}").rows(Path(folder)))
        print(f"{room}\n{table(rows)}\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
