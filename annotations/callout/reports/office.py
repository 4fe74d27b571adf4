"""The process that reads PDF and DOCX files: bytes in, a manuscript or the reason of a refusal out."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
import time
import warnings

from callout.errors import InputError
from callout.reports.child import MEMORY, SECONDS, packed

_WATCH = 0.2  # seconds between two looks at the parent
ROOM = 256 * 1024 * 1024  # of addresses beyond the memory: the interpreter and the libraries themselves


def main(kind: str, parent: int) -> int:
    """Read a file of that kind from standard input and answer on standard output, as long as the parent lives."""
    _limit()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    data = sys.stdin.buffer.read()
    answer = _read(kind, data)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _read(kind: str, data: bytes) -> bytes:
    try:
        if kind == "pdf":
            from callout.reports.pdf import parse_pdf

            return packed(parse_pdf(data))
        from callout.reports.docx import parse_docx

        return packed(parse_docx(data))
    except InputError as error:
        what, remedy = error.what, error.remedy
    except MemoryError:
        what, remedy = "the report takes too much memory to read", "save it as plain text"
    except Exception:
        # Damage shows itself deep in a parser, by any exception; the process is there to be lost.
        what, remedy = f"the {kind.upper()} file is damaged", "save it anew, or as plain text"
    return json.dumps({"error": [what, remedy]}).encode()


def _end_with(parent: int) -> None:
    """End this process when its parent has: nobody waits for the answer. (Windows keeps a lost parent's number.)"""
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os._exit(1)


def _limit() -> None:
    """Limits of the system where it has them; the parent watches the same ones everywhere."""
    try:
        import resource
    except ImportError:  # Windows
        return
    seconds = int(SECONDS)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY + ROOM),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2])))
