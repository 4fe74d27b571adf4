"""napari with our docks around it: on a case, on a study, or empty."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_callout.host.host import Host

DRAWN_WITHIN_S = 60.0


def launch(
    paths: Sequence[str],
    *,
    reader: str | None = None,
    all_readers: bool = False,
    screenshot: str | None = None,
    size: tuple[int, int] = (1600, 1000),
) -> int:
    """Open the window on one case file or on folders of DICOM, and stay until it is closed.

    reader: who reads, else as the preferences say. all_readers: see what all readers found, to look only.
    screenshot: save a picture of the window there once it is drawn, and end. Returns an exit status: 2 where the
    paths can't be opened for a picture; with a window the reader sees why there.
    """
    import napari

    logging.getLogger("vispy").setLevel(logging.ERROR)  # it warns where a screen does not tell its dots per inch
    viewer = napari.Viewer(title="Callout", show_welcome_screen=False, show=False)
    from napari_callout.host.host import Host

    host = Host(viewer, reader, all_readers)  # before the window is shown: see `Shell.add_page`
    viewer.window.show()
    viewer.window.resize(*size)
    gc.freeze()  # what the libraries brought along stays: to search it for garbage would stop the window for 0.15 s
    if screenshot is None:
        if paths:
            host.files.begin(paths)
        napari.run()
        host.close()
        return 0
    opened = host.files.open(paths) if paths else True
    problem = "" if opened else host.hands.message.text()
    if not problem:
        problem = take_picture(host, screenshot)
    host.close()
    viewer.close()
    if problem:
        import sys

        print(f"callout: {problem}", file=sys.stderr)
    return 2 if problem else 0


def take_picture(host: Host, path: str) -> str:
    """Save a picture of the window once the shown series is there; the reason why not, else ""."""
    session, pictures = host.session, host.room.pictures
    wait_until(lambda: bool(host.complete or pictures.problems or not session.series), DRAWN_WITHIN_S)
    if session.series and not host.complete:
        return next(iter(pictures.problems.values()), "the picture did not come in time")
    host.arrange()
    host.hands.end_message()
    settle()
    window = host.shell.main_window
    if not window.grab().save(path):
        return f"the picture can't be written — {os.path.abspath(path)}"
    return ""


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """Let the window work until `done`, or for so long."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def settle(seconds: float = 0.6) -> None:
    """Let the window draw everything that is still to be drawn."""
    wait_until(lambda: False, seconds)
