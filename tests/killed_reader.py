"""A reader in a process of its own, who is killed: draws on a case, and says each stroke once the case has it.

`python -m killed_reader CASE`: a line of JSON for each stroke and for where one is; then, with the button down in the
middle of the next stroke, {"drawing": true}, and it waits.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import napari
from qtpy.QtTest import QTest
from reader import LEFT, PLAIN, Reader

from napari_callout.host.host import Host
from napari_callout.host.room import BOOKMARK_MS
from napari_callout.launch import settle


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


def main(path: Path) -> None:
    logging.getLogger("vispy").setLevel(logging.ERROR)
    viewer = napari.Viewer(show=False)
    host = Host(viewer)
    viewer.window.show()
    viewer.window.resize(1100, 800)
    reader = Reader(host)
    reader.open_case(path)
    reader.hang("1")
    for number in range(3):
        reader.do("next mention" if number != 1 else "next lesion")
        for _ in range(4):
            reader.do("slice down")
        reader.do("brush")
        start, end = (150 + 40 * number, 180), (160 + 40 * number, 200)
        say(stroke=asdict(reader.stroke(start, end)), mention=host.session.selection.mention_id)
    settle(1.5 * BOOKMARK_MS / 1000)
    say(series=host.session.series_id, k=host.session.k, finding=host.session.selection.finding_id)
    window, at = reader._at(reader.view, reader.place(100, 100))
    QTest.mousePress(window, LEFT, PLAIN, at)
    QTest.mouseMove(window, reader._at(reader.view, reader.place(120, 120))[1])
    reader.breathe()
    say(drawing=host.session.saved)
    settle(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
