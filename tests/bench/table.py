"""A row of the bench's table, and the measuring of times that are told side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Row:
    """What was measured, and beside what; `aim` is the most it should be.

    beside: what the machine does at best, or a peer, measured in turns with it; None where there is no such thing.
    """

    what: str
    value: float
    unit: str
    aim: float | None = None
    beside: float | None = None
    beside_what: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        aim = "" if self.aim is None else f"≤ {self.aim:g} {'met' if self.value <= self.aim else 'MISSED'}"
        ratio = "" if self.beside is None else f"{self.value / self.beside:.2f} × {self.beside:.3g} {self.beside_what}"
        return self.what, f"{self.value:.3g} {self.unit}", aim, ratio


def table(rows: Sequence[Row]) -> str:
    """The rows, aligned."""
    cells = [("what", "measured", "aim", "beside"), *(row.cells() for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(3)]
    return "\n".join("  ".join(f"{c:{w}}" for c, w in zip(row, (*widths, 0), strict=True)).rstrip() for row in cells)


class Times(NamedTuple):
    """How long one call took, ms: by the clock, and of the processor."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Times:
    """Call it once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Times(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu))


def in_turns(*works: Callable[[], object], rounds: int) -> list[float]:
    """The median time of each work in ms, one call of each in turn: a machine that drifts drifts for all."""
    times = [[timed(work).wall for work in works] for _ in range(rounds)]
    return [statistics.median(mine) for mine in zip(*times, strict=True)]
