"""`backup`, `recover` and `relink`: a case as a file, and where its images lie."""

from __future__ import annotations

import argparse

import callout
from callout.cli.printing import say, warn


def backup(options: argparse.Namespace) -> int:
    """A consistent copy of a case, also of one that is open elsewhere."""
    callout.backup_case(options.case, options.output)
    with callout.open_case(options.output, read_only=True) as copy:
        say(f"{options.output}: {len(copy.history)} edits, {len(copy.findings)} findings")
    return 0


def recover(options: argparse.Namespace) -> int:
    """What can be read of a damaged case, in a new one."""
    recovered = callout.recover_case(options.case, options.output)
    with callout.open_case(options.output, read_only=True) as case:
        say(
            f"{options.output}: {recovered.edits} of {recovered.edits + recovered.lost} edits, "
            f"{len(case.findings)} findings, {len(case.series)} series"
        )
    for note in recovered.notes:
        warn(note)
    return 0


def relink(options: argparse.Namespace) -> int:
    """Find a case's images again."""
    with callout.open_case(options.case) as case:
        result = case.relink(*options.paths)
        titles = {series.id: series.title for series in case.series}
    for series_id in result.found:
        say(f"{titles[series_id]}: found")
    for series_id, reason in result.missing:
        warn(f"{titles[series_id]}: {reason}")
    return 0
