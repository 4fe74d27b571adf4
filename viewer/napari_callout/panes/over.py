"""What is laid over the views: what the tool in hand would touch, and what lies in its range while it changes. Pure."""

from __future__ import annotations

import numpy as np

from callout.masks.brush import between
from napari_callout.panes.hand import Hand
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.tint import Tint
from napari_callout.panes.tool import WHITE
from napari_callout.panes.touch import Touch
from napari_callout.panes.values import is_shown
from napari_callout.session.kit import Range
from napari_callout.session.look import Look
from napari_callout.session.plane import Plane


class Over:
    """Of all views. in_range: what is seen in every view of the series that is drawn on; None for nothing."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.session, self.pictures = hand, hand.session, hand.pictures
        self.in_range: Range | None = None
        self._kept: dict[int, tuple[tuple[object, ...], object, Tint]] = {}  # by view: for what, of which voxels

    def of(self, view: int, touch: Touch | None) -> tuple[Line | Words | Tint, ...]:
        """Over one view. touch: where the hand is, if on any."""
        here = self.hand.preview(touch) if touch is not None and touch.view == view else ()
        look = self.session.views.looks[view]
        if look is None or not look.is_plain or (self.in_range is None and self.hand.range is None):
            return here
        plane = self.session.views.plane_of(look)
        return (*self._tint(view, look, plane), *self.hand.seen_on(view, plane), *here)

    def _tint(self, view: int, look: Look, plane: Plane) -> tuple[Tint, ...]:
        session, picture, limits = self.session, self.pictures.get(look.series_id), self.in_range
        if limits is None or picture is None or look.series_id != session.series_id or session.hidden:
            return ()
        if not is_shown(session, look, picture.arrived, ()):
            return ()
        drawing = session.drawing
        colour = WHITE if drawing is None else drawing.colours().get(drawing.active_label, WHITE)
        what, kept = (id(plane.order), plane.axis, plane.at, limits, colour), self._kept.get(view)
        if kept is None or kept[0] != what or kept[1] is not picture.voxels:
            values = np.ascontiguousarray(plane.take(picture.voxels))
            self._kept[view] = kept = what, picture.voxels, Tint(between(values, *limits), colour)
        return (kept[2],)

    def show_range(self, limits: Range | None) -> bool:
        """See what lies in a range, or nothing; whether that is another one."""
        changes, self.in_range = limits != self.in_range, limits
        if limits is None:
            self._kept.clear()  # it holds on to voxels
        return changes
