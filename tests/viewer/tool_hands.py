"""A hand on a session without any window, and what each tool is used for in tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from callout.case import Case
from callout.dicom import load
from callout.masks.stroke import Bits
from napari_callout.panes.commands import Commands
from napari_callout.panes.hand import Hand
from napari_callout.panes.placement import Placement
from napari_callout.panes.touch import Touch
from napari_callout.session import Session
from napari_callout.session.pictures import Pictures

Place = tuple[float, float]
VIEW = (400, 400)


class Hands:
    """A hand on the active view of a session, at native (row, column) of the slice that is shown."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.told: list[tuple[str, bool]] = []
        session.told.connect(lambda text, failed: self.told.append((text, failed)))
        self.pictures = Pictures(lambda loading, ks: None)
        for series in session.series:
            self.pictures._keep(series.id, load(series).voxels)
        self.hand = Hand(session, self.pictures)
        self.commands = Commands(self.hand)
        self.keys: dict[str, bool] = {}  # that are held
        self.off = (0.0, 0.0)  # of every place

    @property
    def case(self) -> Case:
        assert self.session.case is not None
        return self.session.case

    def touch(self, row: float, column: float) -> Touch:
        views = self.session.views
        plane, look = views.plane(views.active), views.look
        assert plane is not None
        assert look is not None
        placement = Placement.of(look, plane.shape, plane.spacing, VIEW)
        native = np.array([plane.k, row + self.off[0], column + self.off[1]])
        place = plane.places(plane.grid.points(native))[0, :2]
        return Touch(views.active, *placement.screen(*place), plane, placement, **self.keys)

    def drag(self, *way: Place) -> None:
        """Press, move, release."""
        self.hand.press(self.touch(*way[0]), "left")
        for place in way[1:]:
            self.hand.move(self.touch(*place))
        self.hand.release(self.touch(*way[-1]), "left")

    def click(self, row: float, column: float) -> None:
        """Without a move."""
        self.drag((row, column))

    def disc(self, row: float, column: float, mm: int) -> None:
        """A disc of the brush on the slice that is shown."""
        self.session.brush_mm = mm
        self.hand.arm("paint")
        self.click(row, column)

    def mask(self, number: int = 0) -> Bits:
        """Of the case's region."""
        return self.case.mask(self.case.regions[number])


def use_brush(hands: Hands) -> None:
    hands.hand.arm("paint")
    hands.drag((20, 14), (22, 24))


def use_sphere(hands: Hands) -> None:
    hands.session.kit.in_space = True
    use_brush(hands)


def use_freehand(hands: Hands) -> None:
    hands.hand.arm("outline")
    hands.drag((10.2, 10.2), (10.2, 24.8), (27.8, 24.8), (27.8, 10.2))


def use_corners(hands: Hands) -> None:
    hands.hand.arm("outline")
    for corner in ((10.2, 10.2), (10.2, 24.8), (27.8, 24.8), (27.8, 10.2)):
        hands.click(*corner)
    hands.hand.enter()


def use_grow(hands: Hands) -> None:
    hands.hand.arm("grow")
    hands.click(24, 20)


def use_grow_in_space(hands: Hands) -> None:
    hands.session.kit.in_space = True
    use_grow(hands)


TOOLS: tuple[Callable[[Hands], None], ...] = (
    use_brush, use_sphere, use_freehand, use_corners, use_grow, use_grow_in_space
)  # fmt: skip
