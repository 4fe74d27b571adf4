"""The command line: `callout COMMAND`. Exit status 0 done, 1 a check does not hold, 2 unusable, 130 interrupted."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are one line on stderr, never a traceback."""
    from callout.cli.options import parser
    from callout.errors import CalloutError, printable

    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except CalloutError as error:
        print(f"callout: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader of our output left; say nothing more, also at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f" — {error.filename}" if error.filename else ""
        print(printable(f"callout: {error.strerror or error}{where}: see to the disk"), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2
