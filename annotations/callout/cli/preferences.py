"""`preferences`: what is set once for all cases; and the reader that other commands act for."""

from __future__ import annotations

import argparse
from dataclasses import replace

from callout.cli.printing import say, warn
from callout.preferences import preferences_file, read_preferences, write_preferences


def preferences(options: argparse.Namespace) -> int:
    """Where the preferences are kept and what they say; or set the reader."""
    if options.reader is not None:
        write_preferences(replace(read_preferences(), reader=options.reader))
    say(str(preferences_file()))
    say(f"reader: {read_preferences(warn).reader or '(not set)'}")
    return 0


def reader_of(options: argparse.Namespace) -> str | None:
    """The reader that a command acts for: `--reader`, else the one of the preferences, else None."""
    given: str | None = options.reader
    return given or read_preferences(warn).reader
