"""The views of the window: how they are laid out, what each shows, and which of them move together. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from psygnal import Signal

from callout.errors import InputError
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.session.look import LARGEST_ZOOM, LAYOUTS, SMALLEST_ZOOM, Look, is_picture
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane, comparable, has_millimetres, why_not_across

NOT_NATIVE = "regions are drawn on slices as they were taken, not on {}"
ON_PICTURE = "regions are drawn on slices: on a picture of the report one makes marks"
PARALLEL = float(np.cos(np.radians(20.0)))  # stacks within 20° of each other scroll together


class Views:
    """What hangs where.

    Signals: `arranged` the layout, or whether one view is enlarged; `changed` (view) what it shows; `activated` (view);
    `marked` a place, in all views.
    """

    arranged = Signal()
    changed = Signal(int)
    activated = Signal(int)
    marked = Signal()

    def __init__(self) -> None:
        self.layout = "1"
        self.looks: list[Look | None] = [None]
        self.active = 0
        self.enlarged = False  # the active view takes all the room
        self.linked = True  # parallel stacks of one frame of reference scroll together
        self._marked: tuple[str, Floats] | None = (
            None  # the place that was pointed at last, LPS mm, and in which series
        )
        self._series: dict[str, Series] = {}
        self._orders: dict[str, DisplayOrder] = {}
        self._blocks: dict[str, tuple[str, ...]] = {}
        self._anchors: dict[int, Floats] = {}  # where views that were linked by hand stood then, LPS mm

    def open(self, series: Iterable[Series]) -> None:
        """Another study: one empty view."""
        self._series = {one.id: one for one in series}
        self._orders.clear()
        self._blocks.clear()
        self._anchors.clear()
        self.layout, self.looks, self.active, self.enlarged = "1", [None], 0, False
        self._marked = None
        self.arranged.emit()

    def update(self, series: Iterable[Series]) -> None:
        """The same series, whose images were found elsewhere."""
        self._series |= {one.id: one for one in series}
        self._blocks.clear()

    def add(self, picture: Series) -> None:
        """A picture of the report can be shown too."""
        self._series[picture.id] = picture

    def knows(self, series_id: str) -> bool:
        """Whether a series or picture can be shown."""
        return series_id in self._series

    # What a view shows -----------------------------------------------------------------------------------------------

    @property
    def look(self) -> Look | None:
        """Of the active view."""
        return self.looks[self.active]

    def series(self, view: int) -> Series | None:
        """What a view shows a plane of."""
        look = self.looks[view]
        return None if look is None else self._series[look.series_id]

    def order(self, series_id: str) -> DisplayOrder:
        """How a series lies on the screen."""
        if series_id not in self._orders:
            self._orders[series_id] = DisplayOrder.of(self._series[series_id].grid)
        return self._orders[series_id]

    def plane(self, view: int) -> Plane | None:
        """The plane that a view shows."""
        look = self.looks[view]
        return None if look is None else self.plane_of(look)

    def plane_of(self, look: Look) -> Plane:
        """The plane of a look."""
        return Plane(self.order(look.series_id), look.axis, look.at)

    def native(self, series_id: str, k: int) -> Look:
        """A look at native slice `k`."""
        order = self.order(series_id)
        return Look(series_id, order.slice_axis, order.slice_to_display(k))

    def shown(self) -> tuple[str, ...]:
        """The ids of the series in the views, the active one's first, each once; pictures are none."""
        first = [self.look] if self.look else []
        every = (look for look in (*first, *self.looks) if look is not None and not is_picture(look.series_id))
        return tuple(dict.fromkeys(name for look in every for name in (look.series_id, look.minus) if name))

    def are_comparable(self, view: int, other: int) -> bool:
        """Whether places in two views can be compared."""
        one, two = self.series(view), self.series(other)
        return one is not None and two is not None and comparable(one, two)

    def marked_in(self, view: int) -> Floats | None:
        """The place that was pointed at last, LPS mm; None where it is none in what a view shows."""
        series = self.series(view)
        if self._marked is None or series is None or not comparable(self._series[self._marked[0]], series):
            return None
        return self._marked[1]

    def view_of(self, series_id: str) -> int | None:
        """A view that shows slices of a series, the active one first."""
        around = sorted(range(len(self.looks)), key=lambda view: view != self.active)
        for view in around:
            look = self.looks[view]
            if look is not None and look.series_id == series_id and self.plane_of(look).is_native and look.is_plain:
                return view
        return None

    def why_not_drawn(self) -> str:
        """Why no region is drawn on what the active view shows; "" on a slice as it was taken, and in an empty view."""
        look = self.look
        if look is None:
            return ""
        if is_picture(look.series_id):
            return ON_PICTURE
        if not look.is_plain:
            return NOT_NATIVE.format("a slab" if look.slab_mm else "a difference")
        return "" if self.plane_of(look).is_native else NOT_NATIVE.format("planes across them")

    # Laying out ------------------------------------------------------------------------------------------------------

    def arrange(self, layout: str) -> None:
        """Another layout: what fits of the views stays, new ones show the next series."""
        count = len(LAYOUTS[layout])
        kept = list(self.looks)
        if self.active >= count:  # what one looks at stays
            kept[count - 1] = kept[self.active]
        looks = kept[:count]
        shown = {look.series_id for look in looks if look}
        hidden = (one for one in self._series.values() if one.id not in shown)
        others = [one for one in hidden if not (one.is_localizer or is_picture(one.id))]
        while len(looks) < count:
            one = others.pop(0) if others and any(looks) else None
            looks.append(None if one is None else self.native(one.id, one.grid.shape[0] // 2))
        self.hang(layout, looks, min(self.active, count - 1))

    def hang(self, layout: str, looks: Sequence[Look | None], active: int = 0) -> None:
        """Show these looks, in the order of the layout's cells."""
        self.layout, self.enlarged = layout, False
        self.looks = [*looks, *[None] * len(LAYOUTS[layout])][: len(LAYOUTS[layout])]
        self.active = active
        self._anchors.clear()
        self.arranged.emit()
        self.activated.emit(active)

    def three_planes(self, view: int, through: Floats | None = None) -> None:
        """The series of a view in three planes through a point, LPS mm, else through its middle.

        InputError where there are no planes across its slices.
        """
        look = self.looks[view]
        if look is None:
            raise InputError("no series is shown", remedy="choose one first")
        order, series = self.order(look.series_id), self._series[look.series_id]
        why = why_not_across(order.grid) if has_millimetres(series) else "it states no pixel size"
        if why:
            raise InputError(f"{series.title} can't be shown across its slices: {why}", remedy="look at its slices")
        plane = self.plane_of(look)
        first = look if plane.is_native else self.native(look.series_id, order.grid.shape[0] // 2)
        axes = (axis for axis in range(3) if axis != order.slice_axis)
        across = [Look(look.series_id, axis, Plane(order, axis, 0).count // 2) for axis in axes]
        self.hang("planes", [first, *across])
        if through is not None:
            for number in range(3):
                self._bring(number, through)

    def enlarge(self, view: int) -> None:
        """Give a view all the room, or give the others theirs back."""
        self.activate(view)
        self.enlarged = not self.enlarged and len(self.looks) > 1
        self.arranged.emit()

    def activate(self, view: int) -> None:
        """Make a view the one that keys and tools mean."""
        if view != self.active:
            self.active = view
            if self.enlarged:
                self.arranged.emit()
            self.activated.emit(view)

    def put(self, view: int, look: Look | None) -> None:
        """Show something else in a view; another series fits itself in."""
        if look != self.looks[view]:
            before = self.looks[view]
            if before is None or look is None or before.series_id not in self.blocks(look.series_id):
                self._anchors.pop(view, None)
            self.looks[view] = look
            self.changed.emit(view)

    # Looking ---------------------------------------------------------------------------------------------------------

    def step(self, view: int, by: int) -> None:
        """Slices in the screen's order, on into the next block of a display set."""
        look = self.looks[view]
        if look is None:
            return
        at, count = look.at + by, self.plane_of(look).count
        if not 0 <= at < count and self.plane_of(look).is_native:
            blocks = self.blocks(look.series_id)
            place = blocks.index(look.series_id) + (1 if by > 0 else -1)
            if 0 <= place < len(blocks):
                order = self.order(blocks[place])
                first = 0 if by > 0 else order.shape[order.slice_axis] - 1
                look = replace(look, series_id=blocks[place], axis=order.slice_axis, at=first)
                self._move(view, replace(look, minus=self._beside(look.minus, blocks[place])))
                return
        self.go_to(view, at)

    def go_to(self, view: int, at: int) -> None:
        """Show step `at`, or the end nearest to it; linked views come along."""
        look = self.looks[view]
        if look is not None:
            self._move(view, replace(look, at=min(max(at, 0), self.plane_of(look).count - 1)))

    def _move(self, view: int, look: Look) -> None:
        if look != self.looks[view]:
            self.put(view, look)
            here = self.middle(view)
            for other in self.companions(view):
                self._bring(other, self._goal(view, other, here))

    def companions(self, view: int) -> list[int]:
        """The views that move with a view: parallel in its frame of reference, or linked with it by hand."""
        return [n for n in range(len(self.looks)) if n != view and (self._follows(view, n) or self._by_hand(view, n))]

    def _by_hand(self, view: int, other: int) -> bool:
        return view in self._anchors and other in self._anchors

    def _follows(self, view: int, other: int) -> bool:
        one, two = self.plane(view), self.plane(other)
        if not self.linked or one is None or two is None or not self.are_comparable(view, other):
            return False
        return abs(float(one.normal @ two.normal)) >= PARALLEL

    def _goal(self, view: int, other: int, here: Floats) -> Floats:
        """Where a view has to be that moves along with one whose middle is `here`, LPS mm."""
        if self._by_hand(view, other) and not self._follows(view, other):
            return self._anchors[other] + here - self._anchors[view]
        return here

    def middle(self, view: int) -> Floats:
        """The middle of the plane that a view shows, LPS mm."""
        plane = self.plane(view)
        assert plane is not None
        return plane.point((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)

    def _bring(self, view: int, point: Floats) -> None:
        """Show the plane nearest to a point, in whichever block of the display set it lies."""
        look = self.looks[view]
        if look is None:
            return
        own = self.plane_of(look).is_native
        best: tuple[float, bool, str, Look] | None = None
        for series_id in self.blocks(look.series_id) if own else (look.series_id,):
            order = self.order(series_id)
            axis = order.slice_axis if own else look.axis
            plane = Plane(order, axis, 0)
            steps = float(plane.places(point)[0, 2])
            at = int(np.clip(np.floor(steps + 0.5), 0, plane.count - 1))
            off = abs(steps - at) * order.spacing[axis]
            minus = look.minus if series_id == look.series_id else self._beside(look.minus, series_id)
            there = replace(look, series_id=series_id, axis=axis, at=at, minus=minus)
            rank = (off, series_id != look.series_id, series_id, there)
            best = rank if best is None or rank[:3] < best[:3] else best
        if best is not None:
            self.put(view, best[3])

    def jump(self, view: int, point: Floats) -> None:
        """Every other view of the same frame of reference goes to a point of this one, LPS mm."""
        look = self.looks[view]
        if look is None:
            return
        self._marked = look.series_id, point
        for other in range(len(self.looks)):
            if other != view and self.are_comparable(view, other):
                self._bring(other, point)
        self.marked.emit()

    def show_point(self, point: Floats) -> None:
        """The active view, and every other one of its frame of reference, goes to a point, LPS mm."""
        self._bring(self.active, point)
        self.jump(self.active, point)

    def blocks(self, series_id: str) -> tuple[str, ...]:
        """The stacks that scroll as one with a series, in the screen's order."""
        if series_id not in self._blocks:
            self._blocks[series_id] = self._blocks_of(series_id)
        return self._blocks[series_id]

    def _blocks_of(self, series_id: str) -> tuple[str, ...]:
        display_set = self._series[series_id].display_set
        if not display_set:
            return (series_id,)
        blocks = [one for one in self._series.values() if one.display_set == display_set]
        order = self.order(blocks[0].id)  # the same for each of them, however steeply one is tilted
        onward = order.direction(order.slice_axis)
        return tuple(one.id for one in sorted(blocks, key=lambda one: float(one.grid.origins.mean(axis=0) @ onward)))

    def _beside(self, minus: str | None, series_id: str) -> str | None:
        """Of the display set that is subtracted, the block that lies nearest to another stack."""
        if minus is None:
            return None
        middle = self._series[series_id].grid.origins.mean(axis=0)
        return min(
            self.blocks(minus),
            key=lambda one: float(np.linalg.norm(self._series[one].grid.origins.mean(axis=0) - middle)),
        )

    # Linking ---------------------------------------------------------------------------------------------------------

    def link_by_hand(self, wanted: bool) -> None:
        """From here on all views move together as they stand now, also across frames of reference; or no more so."""
        self._anchors = {n: self.middle(n) for n in self._scrolled()} if wanted else {}
        self.arranged.emit()

    def _scrolled(self) -> list[int]:
        """The views that show slices; a picture has none."""
        return [n for n, look in enumerate(self.looks) if look is not None and not is_picture(look.series_id)]

    @property
    def by_hand(self) -> bool:
        """Whether views are linked by hand."""
        return len(self._anchors) > 1

    def link_text(self, view: int) -> str:
        """What a view is linked to by hand, with its offset from the active view; "" where it is not."""
        if view == self.active or not self._by_hand(self.active, view) or self._follows(self.active, view):
            return ""
        plane = self.plane(view)
        if plane is None:
            return ""
        offset = float((self._anchors[view] - self._anchors[self.active]) @ plane.normal)
        return f"linked by hand, {offset:+.0f} mm".replace("-", "−")

    # Zoom, pan and the rest ------------------------------------------------------------------------------------------

    def zoom(self, view: int, factor: float, about_mm: tuple[float, float] = (0.0, 0.0)) -> None:
        """Enlarge about a place, given in mm (down, across) from the view's middle."""
        look = self.looks[view]
        if look is not None:
            zoom = min(max(look.zoom * factor, SMALLEST_ZOOM), LARGEST_ZOOM)
            part = 1 - look.zoom / zoom
            pan = (look.pan_mm[0] + about_mm[0] * part, look.pan_mm[1] + about_mm[1] * part)
            self.put(view, replace(look, zoom=zoom, pan_mm=pan))

    def pan(self, view: int, by_mm: tuple[float, float]) -> None:
        """Move the picture along, by mm (down, across)."""
        look = self.looks[view]
        if look is not None:
            pan = (look.pan_mm[0] - by_mm[0], look.pan_mm[1] - by_mm[1])
            self.put(view, replace(look, pan_mm=pan))

    def fit(self, view: int) -> None:
        """The whole plane, as large as the view lets it be."""
        look = self.looks[view]
        if look is not None:
            self.put(view, replace(look, zoom=1.0, pan_mm=(0.0, 0.0), field_mm=None))

    def change(self, view: int, **fields: object) -> None:
        """Change other fields of what a view shows."""
        look = self.looks[view]
        if look is not None:
            self.put(view, replace(look, **fields))  # type: ignore[arg-type]
