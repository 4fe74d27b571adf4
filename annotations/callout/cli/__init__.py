"""The command line: `callout COMMAND`. Exit status 0 done, 1 a check does not hold, 2 unusable, 130 interrupted."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are one line on stderr, never a traceback."""
    from callout.cli.options import parser
    from callout.errors import CalloutError

    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except CalloutError as error:
        _complain(options, error.what, error.where, error.remedy)
    except BrokenPipeError:  # the reader of our output had enough; say nothing more, also at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError | PermissionError)
        remedy = "check its name, and that you may open it" if missing else "see to the disk"
        _complain(options, error.strerror or str(error), str(error.filename or ""), remedy)
    except MemoryError:
        _complain(options, "there is not enough memory for this", "", "close other programs, or give less at a time")
    except KeyboardInterrupt:
        return 130
    return 2


def _complain(options: argparse.Namespace, what: str, where: str, remedy: str) -> None:
    """`callout: WHAT — WHERE: WHAT TO DO` on stderr; what was asked for stands in where an error names no place."""
    from callout.cli.printing import warn

    asked = getattr(options, "case", None) or getattr(options, "paths", None) or f"callout {options.command}"
    place = where or (asked if isinstance(asked, str) else " ".join(asked))
    warn(f"{what} — {place}: {remedy or f'see `callout {options.command} --help`'}")
