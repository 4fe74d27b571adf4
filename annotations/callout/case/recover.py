"""Placeholder until carving is here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callout.errors import CaseDamaged


@dataclass(frozen=True)
class Recovered:
    """What was saved."""

    edits: int
    lost: int
    notes: tuple[str, ...] = ()


def recover(path: Path, target: Path) -> Recovered:
    """Not here yet."""
    raise CaseDamaged("nothing of a case can be read", str(path), "restore a backup")
