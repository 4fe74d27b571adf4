"""Skipped: what a scan came across and left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SkippedKind = Literal["other file", "other object", "refused"]


@dataclass(frozen=True)
class Skipped:
    """A file (or the first file of a refused stack) that is in no series, and why.

    kind: "other file": no DICOM; "other object": DICOM, but no CT or MR image; "refused": what can't be used or read.
    """

    path: str
    reason: str
    kind: SkippedKind = "refused"
