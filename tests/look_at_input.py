"""Reads DICOM in every way there is, in a forked process that a hang or a bomb may take along.

Reads JSON lines on stdin: the folder to look at, one that does not exist for what is written, the file for the answers
(a JSON document by way), and the seconds that one way may take. Prints a line when done.
"""

from __future__ import annotations

import base64
import io
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

CEILING = 4 << 30  # bytes of address space: beyond it the test has failed anyway
SMALL = 1 << 16  # voxels that are handed back


def last_lines() -> str:
    """Where a traceback ends."""
    return " | ".join(traceback.format_exc().strip().splitlines()[-5:])


def loaded(series: Any) -> dict[str, Any]:
    import callout
    from callout.errors import CalloutError

    try:
        voxels = callout.load(series).voxels
    except CalloutError as error:
        return {"error": type(error).__name__, "says": str(error)}
    grid = series.grid
    steps = {"row_step": grid.row_step.tolist(), "column_step": grid.column_step.tolist()}
    bits = base64.b64encode(voxels.tobytes()).decode() if voxels.size <= SMALL else ""
    return {"shape": voxels.shape, "dtype": str(voxels.dtype), "bits": bits, "origins": grid.origins.tolist()} | steps


def called(folder: str) -> dict[str, Any]:
    """What `find_series` and `load` give, or the error's name and message."""
    import callout
    from callout.errors import CalloutError

    try:
        found = callout.find_series(folder)
        return {"series": [{"id": one.id, "description": one.description, **loaded(one)} for one in found]}
    except CalloutError as error:
        return {"error": type(error).__name__, "says": str(error)}
    except BaseException:
        return {"error": "traceback", "says": last_lines()}


def commanded(*command: str) -> dict[str, Any]:
    """What a command printed, and its exit status."""
    from callout.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status: object = main(command)
        except BaseException:
            status = last_lines()
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return {"status": status, "out": texts[0], "err": texts[1]}


def ways(folder: str, out: str) -> dict[str, Callable[[], dict[str, Any]]]:
    return {
        "python": lambda: called(folder),
        "inspect": lambda: commanded("inspect", folder),
        "inspect --json": lambda: commanded("inspect", folder, "--json"),
        "inspect --pixels": lambda: commanded("inspect", folder, "--json", "--pixels"),
        "convert": lambda: commanded("convert", folder, "-o", out),
    }


def looked(folder: str, out: str, answer: Path, seconds: int) -> dict[str, Any]:
    """What comes of all ways in a forked process, or the signal that ended it; and the memory that it took, MB."""
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            with answer.open("w") as lines:
                for name, way in ways(folder, out).items():
                    signal.alarm(seconds)
                    lines.write(json.dumps([name, way()]) + "\n")
                    lines.flush()
        finally:
            os._exit(0)
    _, status, usage = os.wait4(child, 0)
    answers = dict(json.loads(line) for line in answer.read_text().splitlines())
    end = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "no memory"
    for name in ways(folder, out):
        answers.setdefault(name, {"error": "killed", "says": f"{end} within {seconds} s"})
    answers["convert"]["files"] = sorted(os.listdir(out)) if os.path.isdir(out) else None
    shutil.rmtree(out, ignore_errors=True)
    return answers | {"megabytes": usage.ru_maxrss / 1024}


def warm() -> None:
    """Goes every way once, so that no fork has to import anything."""
    import made_series
    import pydicom.pixels  # noqa: F401

    import callout.dicom.unusual  # noqa: F401

    with tempfile.TemporaryDirectory() as name:
        made_series.series(Path(name) / "in")
        for way in ways(f"{name}/in", f"{name}/out").values():
            way()


if __name__ == "__main__":
    warm()
    for line in sys.stdin:
        folder, out, answer, seconds = json.loads(line)
        done = looked(folder, out, Path(answer), seconds)
        Path(answer).write_text(json.dumps(done))
        print("done", flush=True)
