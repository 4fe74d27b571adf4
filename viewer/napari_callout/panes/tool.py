"""A tool in the hand: what the left button does with it. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import numpy as np

from callout.errors import EditRefused
from callout.geometry import Floats
from callout.masks import Mask
from callout.masks.brush import disc, in_range
from callout.masks.growing import range_of
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.tint import Tint
from napari_callout.panes.touch import Touch
from napari_callout.session.drawing import Drawing
from napari_callout.session.kit import Range, range_text
from napari_callout.session.operations import Operations
from napari_callout.session.pictures import Picture, Pictures
from napari_callout.session.plane import Plane
from napari_callout.session.session import Session
from napari_callout.session.teaching import Key, Pairs

NOT_ALL_HERE = "wait until the series is there"
LEAST = 0.05  # of the window's width that a range taken from a click is wide at least, on each side
SAMPLED_MM = 1.5  # about the hand: few enough voxels to be of one tissue, enough to tell its noise
WHITE = "#ffffff"


class Tool(Protocol):
    """A tool hears the hand; `preview` is drawn where it is, over the view."""

    def press(self, touch: Touch) -> None:
        """The button goes down."""

    def move(self, touch: Touch) -> None:
        """The hand moves with the button down."""

    def release(self, touch: Touch | None) -> None:
        """The button goes up; None where the hand was taken away."""

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """What the tool would touch."""


class DrawingTool:
    """A tool that changes regions: on slices as they were taken, through the session, each time in one edit."""

    NAME: ClassVar[str] = ""
    STAYS: ClassVar[bool] = True  # on the slice on which the button went down: on another one its stroke is over

    def __init__(self, session: Session, pictures: Pictures, operations: Operations) -> None:
        self.session, self.pictures, self.operations = session, pictures, operations
        self.renewed: Callable[[], object] = lambda: None  # the preview or the words have changed without the hand

    def press(self, touch: Touch) -> None:
        """The button goes down."""

    def move(self, touch: Touch) -> None:
        """The hand moves with the button down."""

    def release(self, touch: Touch | None) -> None:
        """The button goes up; None where the hand was taken away."""

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """What the tool would touch."""
        return ()

    def seen_on(self, view: int, plane: Plane) -> tuple[Line | Tint, ...]:
        """What is shown of it in every view of the series that it draws on, wherever the hand is."""
        return ()

    def close(self) -> bool:
        """Enter: finish what is begun; False where nothing is."""
        return False

    def double(self) -> bool:
        """A double click, whose first click it has heard: finish what is begun."""
        return self.close()

    def take_back(self) -> bool:
        """Backspace: take the last step back; False where there is none."""
        return False

    def leave(self) -> bool:
        """Esc: give up what is begun; False where nothing is."""
        return False

    def widen(self, by: int) -> bool:
        """A key that widens (1) or narrows (−1) a range; False where the tool in hand has none of its own."""
        return False

    def take_range(self, limits: Range) -> bool:
        """A range that was typed; False where the tool in hand has none of its own."""
        return False

    @property
    def range(self) -> Range | None:
        """The one of its own, where it has one now."""
        return None

    def keys(self, key: Key) -> Pairs:
        """What it does, with its own keys, for the bottom line; key: of an action."""
        return ()

    # What all of them need -------------------------------------------------------------------------------------------

    @property
    def drawing(self) -> Drawing:
        """What is drawn on; EditRefused where nothing can be."""
        drawing = self.session.drawing
        reason = self.session.refusal()
        if drawing is None or drawing.target is None or reason:
            raise EditRefused(reason or "nothing is chosen to be drawn", remedy="choose a mention or a finding")
        return drawing

    def picture(self, whole: bool = False) -> Picture:
        """The voxels of the series that is drawn on; EditRefused where they are not (all) here."""
        picture = self.pictures.get(self.drawing.series.id)
        if picture is None or (whole and picture.arrived is not None):
            raise EditRefused(NOT_ALL_HERE)
        return picture

    @property
    def unit(self) -> str:
        """Of the values."""
        return "HU" if self.drawing.series.modality == "CT" else ""

    def limits(self) -> Range | None:
        """The range that drawing keeps to, where it does and it is known."""
        return self.session.kit.range_of(self.session.series_id)

    def limit_at(self, touch: Touch) -> bool:
        """Where drawing keeps to a range that is not known yet, it is that of what lies under the hand; else False."""
        kit, series_id = self.session.kit, self.drawing.series.id
        if not kit.limited or series_id in kit.ranges:
            return False
        kit.ranges[series_id] = self.sampled(touch)
        self.renewed()
        return True

    def sampled(self, touch: Touch) -> Range:
        """The range of the values about the hand, in its slice; EditRefused outside of the image."""
        about = max(SAMPLED_MM, 1.5 * max(touch.plane.spacing))
        there = disc(touch.plane.grid, touch.plane.k, touch.plane.native_places([touch.place]), about)
        values = self.picture().voxels[there.box][there.crop]
        if not values.size:
            raise EditRefused("there is no value here", remedy="click inside the image")
        return range_of(values, self.pace(100 * LEAST))

    def pace(self, percent: float) -> float:
        """So many percent of the width of the window in use, in values."""
        window = self.pictures.window(self.drawing.series)
        return percent / 100 * (window[1] if window else 100.0)

    def kept_to_range(self, stamp: Mask) -> Mask:
        """Of what the hand covers, what drawing is limited to."""
        limits = self.limits()
        if limits is None or not stamp.crop.size:
            return stamp
        picture = self.picture()
        if picture.arrived is not None and not picture.arrived[stamp.low[0] : stamp.high[0]].all():
            raise EditRefused(NOT_ALL_HERE)
        return in_range(stamp, picture.voxels, *limits)

    def settings(self, **own: Any) -> dict[str, Any]:
        """What a stroke is made with: the tool's own settings, and the range."""
        limits = self.limits()
        return own | ({"range": list(limits)} if limits else {})

    def range_keys(self, key: Key) -> Pairs:
        """How drawing keeps to a range, for the bottom line."""
        limits = self.limits()
        if not self.session.kit.limited:
            return ((key("range"), "range"),)
        if limits is None:
            return ((key("range"), "range of the next click"),)
        text = range_text(limits, self.unit if self.session.drawing else "")
        arrows = (f"{key('left')} {key('right')}", "narrower, wider")
        return ((key("range"), f"range {text}"), arrows, (key("type range"), "type it"))


def takes_away(touch: Touch) -> bool:
    """Ctrl or Alt turns a tool round: many desktops keep Alt for themselves."""
    return touch.control or touch.alt


def ring(touch: Touch, radius_mm: float) -> Line:
    """A circle about the hand."""
    (row, column), (down, across) = touch.place, touch.plane.spacing
    angles = np.linspace(0, 2 * np.pi, 49)[:-1]
    places: Floats = np.column_stack(
        [row + radius_mm / down * np.sin(angles), column + radius_mm / across * np.cos(angles)]
    )
    return Line(places, WHITE, 1.0, closed=True, edged=True)
