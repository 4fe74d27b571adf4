"""What takes long tells how far it is, gives the same whoever listens, and ends where the listener says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.growing import grow
from callout.masks.margins import grown, shell, shrunk
from callout.masks.progress import Tell
from callout.masks.projected import projected
from callout.masks.slices import interpolated
from callout.masks.smoothing import smoothed

SHAPE = (9, 12, 11)


def grid(tilt: float = 0.0) -> Grid:
    affine = [[0, 0, 0.7, 0], [tilt, 0.8, 0, 0], [2.5, 0, 0, 0], [0, 0, 0, 1]]
    return Grid.from_affine(affine, SHAPE, "1.2.3")


def region(step: int = 1) -> Mask:
    bits = np.zeros(SHAPE, bool)
    bits[1:8:step, 3:9, 2:8] = True
    return Mask.from_array(bits)


Work = Callable[[Tell], Mask]
WORKS: dict[str, Work] = {
    "grow": lambda tell: grow(region().array().astype(np.int16), (4, 5, 5), 1, 1, tell=tell),
    "grown": lambda tell: grown(region(), grid(), 2.0, tell),
    "grown on a tilted stack": lambda tell: grown(region(), grid(0.5), 2.0, tell),
    "shrunk": lambda tell: shrunk(region(), grid(), 1.0, tell),
    "shell": lambda tell: shell(region(), grid(), 1.0, 2.0, tell),
    "smoothed": lambda tell: smoothed(region(), grid(), 1.5, tell=tell),
    "smoothed on a tilted stack": lambda tell: smoothed(region(), grid(0.5), 1.5, tell=tell),
    "interpolated": lambda tell: interpolated(region(3), grid(), tell),
    "projected": lambda tell: projected(region(), grid(), grid(), tell),
}


class Enough(Exception):
    pass


@pytest.mark.parametrize("name", WORKS)
def test_it_tells_how_far_it_is_and_is_ended_from_there(name: str) -> None:
    told: list[tuple[int, int]] = []
    found = WORKS[name](lambda done, in_all: told.append((done, in_all)))
    assert found.count
    assert told
    assert all(0 <= done < in_all for done, in_all in told) or (name == "grow" and set(told) == {(0, 0)})
    calls: list[int] = []

    def end(done: int, in_all: int) -> None:
        calls.append(done)
        raise Enough

    with pytest.raises(Enough):
        WORKS[name](end)
    assert len(calls) == 1
    again = WORKS[name](lambda done, in_all: None)
    assert np.array_equal(again.array(), found.array())
