"""Opens case files in every way there is, in a process of its own that a hang or a bomb may take along.

Reads a JSON list of paths on stdin. Prints a JSON line for each path and way: what the case holds, or the error's name
and message, or what the command printed and its exit status; and last the most memory that it took, in MB.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from typing import Any

from peak import peak_megabytes

SECONDS = 20  # for one way
CEILING = 4 << 30  # bytes of address space: beyond it the test has failed anyway
COMMANDS = (["show"], ["show", "--json"], ["history"], ["history", "--json"])


def contents(path: str, read_only: bool) -> list[Any]:
    import callout

    with callout.open_case(path, read_only=read_only) as case:
        masks = [case.mask(region).nonzero()[0].tolist() for region in case.regions]
        blame = [case.blame(region, 0).tolist() for region in case.regions]
        records = [asdict(one) for one in (*case.findings, *case.regions, *case.marks, *case.links, *case.history)]
        states = [case.mention_state(mention) for mention in case.mentions]
        given = [str(case.series), str(case.report), str(case.report_bytes), str(dict(case.pictures)), case.made_by]
        return [records, masks, blame, states, given, case.recipes]


def listing(path: str) -> dict[str, tuple[object, ...]]:
    """What lies beside a file, without its contents."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return {}
    with os.scandir(folder) as entries:
        status = {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
    return {name: (one.st_ino, one.st_mode, one.st_size, one.st_mtime_ns) for name, one in status.items()}


def last_lines() -> str:
    """Where a traceback ends."""
    return " | ".join(traceback.format_exc().strip().splitlines()[-3:])


def opened(path: str, read_only: bool) -> dict[str, Any]:
    from callout.errors import CalloutError

    try:
        return {"holds": repr(contents(path, read_only))}
    except CalloutError as error:
        return {"error": type(error).__name__, "says": str(error)}
    except BaseException:
        return {"error": "traceback", "says": last_lines()}


def commanded(command: list[str], path: str) -> dict[str, Any]:
    from callout.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status: object = main([*command, path])
        except BaseException:
            status = last_lines()
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return {"status": status, "out": texts[0], "err": texts[1]}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
    for number, path in enumerate(json.load(sys.stdin)):
        before = listing(path)
        for way in ("look", *COMMANDS, "write"):
            signal.alarm(SECONDS)
            done = opened(path, way == "look") if isinstance(way, str) else commanded(way, path)
            name = way if isinstance(way, str) else " ".join(way)
            now = listing(path)
            changed = sorted(one for one in {*before, *now} if before.get(one) != now.get(one))
            print(json.dumps({"case": number, "way": name, "changed": changed} | done), flush=True)
            before = now
    print(json.dumps({"memory": peak_megabytes()}))
