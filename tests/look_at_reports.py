"""Reads report files as a user does, in a process of its own that a hang or a bomb may take along.

Reads a JSON list of paths on stdin. Prints a JSON line for each: what the command printed, and its exit status; and
last the most memory that it and any process of its took, in MB.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

from peak import peak_megabytes

SECONDS = 20  # for one file
CEILING = 4 << 30  # bytes of address space: beyond it the test has failed anyway


def commanded(path: str) -> dict[str, object]:
    from callout.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status: object = main(["report", path, "--json"])
        except BaseException:
            status = " | ".join(traceback.format_exc().strip().splitlines()[-3:])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return {"status": status, "out": texts[0], "err": texts[1]}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
    for one in json.load(sys.stdin):
        signal.alarm(SECONDS)
        print(json.dumps({"path": one} | commanded(one)), flush=True)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"memory": peak_megabytes() + children}))
