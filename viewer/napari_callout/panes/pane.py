"""One view: from what the session knows to the scene that is drawn. No Qt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from callout.case import Case, Region
from callout.errors import CalloutError
from callout.geometry import Floats
from callout.volume import Series, Volume
from napari_callout.panes.grey import Greys, greys
from napari_callout.panes.levels import labels
from napari_callout.panes.marks import Marks
from napari_callout.panes.outlines import Borders
from napari_callout.panes.picture import picture_corners, shown_colours
from napari_callout.panes.placement import Placement
from napari_callout.panes.reference import crossing
from napari_callout.panes.scene import Corners, Line, Outline, Scene, Words
from napari_callout.panes.values import Values, hatched, is_shown, taken_away, values_of
from napari_callout.panes.words import in_lines, missing_text, series_corner, slice_corner, view_corner
from napari_callout.session.drawing import Drawing
from napari_callout.session.levels import level_of, level_text
from napari_callout.session.look import Look, is_picture, picture_name
from napari_callout.session.operations import PROJECTED
from napari_callout.session.pictures import Picture, Pictures
from napari_callout.session.plane import Plane, comparable
from napari_callout.session.rows import colour_of
from napari_callout.session.session import Session
from napari_callout.session.slabs import slab_steps
from napari_callout.session.windows import Window, difference_window

LOADING = "loading …"
EMPTY = "Drag a series here"
NO_FILL, FILL = 0.0, 0.35
LUMEN_WIDTH = 0.8  # screen pixels
CROSS_MM = 12.0  # length of each arm of the cross
GUIDE = "#f0c040"


class Pane:
    """Makes the scene of view `number`, and keeps what is dear in it while nothing of it changes."""

    def __init__(self, session: Session, pictures: Pictures, number: int) -> None:
        self.session, self.pictures, self.number = session, pictures, number
        self._inner = Borders()
        self._borders, self._foreign = Borders(), Borders()
        self._marks = Marks(session, pictures)
        self._values: tuple[tuple[Any, ...], Values] | None = None
        self._greys: tuple[tuple[Any, ...], Greys] | None = None
        self._titled: tuple[Series, str] | None = None
        self._seen: tuple[Plane, tuple[Outline, ...], tuple[Words, ...]] | None = None  # what was drawn there last

    @property
    def look(self) -> Look | None:
        """What the view shows; None too where the view is gone."""
        looks = self.session.views.looks
        return looks[self.number] if self.number < len(looks) else None

    def forget(self) -> None:
        """Hold on to no voxels and masks: the view is gone, or its case is."""
        self._values = self._greys = self._seen = None
        for borders in (self._borders, self._foreign, self._inner):
            borders.forget()

    def placement(self, size: tuple[int, int]) -> Placement | None:
        """Where the plane lies in a view of that size (width, height) of screen pixels."""
        look = self.look
        if look is None:
            return None
        plane = self.session.views.plane_of(look)
        return Placement.of(look, plane.shape, plane.spacing, size)

    def scene(self, size: tuple[int, int]) -> Scene:
        """All that is drawn in a view of that size."""
        views, look = self.session.views, self.look
        active = self.number == views.active and len(views.looks) > 1 and not views.enlarged
        if look is None:
            return Scene(Corners(middle=EMPTY if self.session.series else ""), active=active)
        if is_picture(look.series_id):
            return self._picture_scene(look, size, active)
        series, plane = self._series(look.series_id), views.plane_of(look)
        problem = self._problem(series) or (self._problem(self._series(look.minus)) if look.minus else "")
        if problem:
            return Scene(Corners(middle=in_lines(problem)), active=active, missing=self.session.case is not None)
        placement = Placement.of(look, plane.shape, plane.spacing, size)
        picture, slab = self.pictures.get(series.id), slab_steps(plane, look.slab_mm)
        here = picture is not None and is_shown(self.session, look, picture.arrived, slab)
        if picture is None or not here:
            corners = self._corners(series, plane, look, placement, LOADING)
            return Scene(corners, placement, active=active)
        shown, why = self._shown(series, plane, look, picture, slab)
        numbering = None if self.session.hidden else self.session.levels.numbering(series.id)
        names, marks = labels(numbering, plane)
        outlines, markers, unread = self._drawn(series, plane)
        drawn, measured = self._marks.of(series, plane, placement)
        return Scene(
            self._corners(series, plane, look, placement, why or unread),
            placement,
            shown,
            outlines,
            (*self._guides(plane), *self._cross(plane), *marks, *drawn, *self._lumens(series, plane, picture)),
            (*markers, *names, *measured),
            active,
        )

    def _picture_scene(self, look: Look, size: tuple[int, int], active: bool) -> Scene:
        """A picture of the report, and the marks on it."""
        views, series = self.session.views, self.session.views.series(self.number)
        assert series is not None
        plane = views.plane_of(look)
        placement = Placement.of(look, plane.shape, plane.spacing, size)
        corners = picture_corners(series, look, placement, self.session.wordless)
        colours = self.session.report_pictures.colours(str(picture_name(look.series_id)))
        if colours is None:
            return Scene(replace(corners, middle=LOADING), placement, active=active)
        if self._greys is None or not _alike((colours, look.inverted), self._greys[0]):
            self._greys = (colours, look.inverted), shown_colours(colours, look)
        lines, words = self._marks.of(series, plane, placement)
        return Scene(corners, placement, self._greys[1], (), tuple(lines), tuple(words), active)

    def _series(self, series_id: str) -> Series:
        return next(one for one in self.session.series if one.id == series_id)

    def _problem(self, series: Series) -> str:
        if series.id in self.session.missing:
            return missing_text(series)
        return self.pictures.problems.get(series.id, "")

    # Values ----------------------------------------------------------------------------------------------------------

    def _shown(
        self, series: Series, plane: Plane, look: Look, picture: Picture, slab: tuple[int, ...]
    ) -> tuple[Greys | None, str]:
        """The greys; without them, why a difference can't be shown yet."""
        window = self.pictures.window(series)
        inverted = (series.photometric_interpretation == "MONOCHROME1") != look.inverted
        other = None if look.minus is None else self.pictures.get(look.minus)
        if window is None or (look.minus is not None and (other is None or other.arrived is not None)):
            return None, LOADING
        shift = self.session.shift_of(look)
        others = None if other is None else other.voxels
        place = (plane.order, plane.axis, plane.at, picture.voxels, slab, look.projection, others, *shift)
        key = (*place, window, inverted)
        if self._greys is not None and _alike(key, self._greys[0]):
            return self._greys[1], ""
        if self._values is None or not _alike(place, self._values[0]):
            values = values_of(plane, look, picture.voxels, slab)
            if other is not None and look.minus is not None:
                volume = Volume(other.voxels, self._series(look.minus).grid, look.minus)
                values = taken_away(plane, values, volume, np.array(shift))
            self._values = place, values
        found = hatched(greys(self._values[1], _window(window, look), inverted), self._values[1], plane)
        self._greys = key, found
        return found, ""

    # Regions ---------------------------------------------------------------------------------------------------------

    def _drawn(self, series: Series, plane: Plane) -> tuple[tuple[Outline, ...], tuple[Words, ...], str]:
        """What is drawn, and its markers; where the case can't be read now, as it was seen here, else why it is not."""
        try:
            found = self._regions(series, plane)
        except CalloutError as error:
            if self._seen is not None and plane.is_same(self._seen[0]):
                return self._seen[1], self._seen[2], ""
            return (), (), in_lines(str(error))
        self._seen = plane, *found
        return *found, ""

    def _regions(self, series: Series, plane: Plane) -> tuple[tuple[Outline, ...], tuple[Words, ...]]:
        """The outlines, and the report's marker of each region beside it: a second cue beside its colour."""
        session = self.session
        if session.case is None or session.hidden:
            return (), ()
        outlines: list[Outline] = []
        words: list[Words] = []
        drawing = session.drawing_of(series.id)
        if drawing is not None:
            colours = drawing.colours()
            for label in drawing.shown_labels():
                self._own(drawing, label, colours.get(label, "#ffffff"), plane, outlines, words)
        for region, home in elsewhere(session.case, series):
            outlines += self._cut(region, home, plane)
        return tuple(outlines), tuple(words)

    def _own(
        self, drawing: Drawing, label: int, colour: str, plane: Plane, outlines: list[Outline], words: list[Words]
    ) -> None:
        rings = self._borders.of(str(label), drawing.masks(label), plane)
        if not rings:
            return
        session, region = self.session, drawing.regions().get(label)
        finding_id = "" if region is None else region.finding_id
        lit = label == drawing.active_label or (bool(finding_id) and session.is_lit(finding_id))
        draft = region is not None and drawing.is_projected(region)
        outlines.append(Outline(rings, colour, finding_id, draft, lit, FILL if session.filled else NO_FILL))
        marker = session.markers_of(finding_id) if finding_id else ""
        text = " · ".join(part for part in (marker, PROJECTED if draft else "") if part)
        if text:
            corner: Floats = np.concatenate(rings)
            top = corner[corner[:, 0].argmin()]
            words.append(Words((float(top[0]), float(top[1])), text, colour))

    def _lumens(self, series: Series, plane: Plane, picture: Picture) -> tuple[Line, ...]:
        """The lumen of each cavitating lesion, as a thin line inside of its outline."""
        drawing = self.session.drawing_of(series.id)
        if drawing is None or self.session.hidden or picture.arrived is not None:
            return ()
        found: list[Line] = []
        with suppress(CalloutError):  # what can't be read is told where the outlines are
            colours = drawing.colours()
            for label, lumen in self.session.lumens.of(drawing, picture.voxels).items():
                rings = self._inner.of(str(label), (lumen,), plane)
                found += [Line(ring, colours[label], LUMEN_WIDTH, closed=True) for ring in rings]
        return tuple(found)

    def _cut(self, region: Region, home: Series, plane: Plane) -> list[Outline]:
        assert self.session.case is not None
        mask = self.session.case.region_mask(region)
        rings = self._foreign.of(region.id, (mask,), plane, home.grid)
        colour = colour_of(self.session.case.finding(region.finding_id).concept)
        lit = self.session.is_lit(region.finding_id)
        return [Outline(rings, colour, region.finding_id, True, lit)] if rings else []

    # Lines -----------------------------------------------------------------------------------------------------------

    def _guides(self, plane: Plane) -> tuple[Line, ...]:
        """Where the planes of the other views cut this one; the active view's is the brightest."""
        views, found = self.session.views, []
        if self.session.hidden or views.enlarged:
            return ()
        for other in range(len(views.looks)):
            there = views.plane(other)
            if other == self.number or there is None:
                continue
            if not views.are_comparable(self.number, other):
                continue
            points = crossing(plane, there)
            if points is not None:
                active = other == views.active
                found.append(Line(points, GUIDE if active else "#8a8a8a", 1.0, dashed=not active))
        return tuple(found)

    def _cross(self, plane: Plane) -> tuple[Line, ...]:
        """The place that was pointed at in another view."""
        point = self.session.views.marked_in(self.number)
        if point is None or self.session.hidden:
            return ()
        row, column, off = plane.places(point)[0]
        if abs(off) > 0.5 + 1e-6:
            return ()
        down, across = CROSS_MM / plane.spacing[0], CROSS_MM / plane.spacing[1]
        arms = [((0.3 * sign * part[0], 0.3 * sign * part[1]), (sign * part[0], sign * part[1]))
                for sign in (-1, 1) for part in ((down, 0.0), (0.0, across))]  # fmt: skip
        here = np.array([row, column])
        return tuple(Line(here + np.array(arm), GUIDE, 1.5, edged=True) for arm in arms)

    # Words -----------------------------------------------------------------------------------------------------------

    def _corners(self, series: Series, plane: Plane, look: Look, placement: Placement, middle: str) -> Corners:
        views = self.session.views
        window = self.pictures.window(series)
        blocks = views.blocks(series.id) if plane.is_native else (series.id,)
        wordless = self.session.wordless
        return Corners(
            top_left="" if wordless else self._title(series),
            top_right="" if wordless else self._view_corner(series, plane, look),
            bottom_left="" if wordless else slice_corner(series, plane, window and _window(window, look), blocks),
            middle=middle,
            edges=plane.edges if series.is_measurable or series.is_localizer else ("", "", "", ""),
            pixels_per_mm=placement.scale if series.is_measurable else 0.0,
            done=self.pictures.done(series.id),
        )

    def _title(self, series: Series) -> str:
        if self._titled is None or self._titled[0] is not series:
            self._titled = series, series_corner(series)
        return self._titled[1]

    def _view_corner(self, series: Series, plane: Plane, look: Look) -> str:
        link = self.session.views.link_text(self.number)
        return view_corner(series, plane, look, link, self._minus(look), self._level(plane))

    def _level(self, plane: Plane) -> str:
        look = self.look
        return "" if look is None else level_text(level_of(self.session.levels.numbering(look.series_id), plane))

    def _minus(self, look: Look) -> str:
        if look.minus is None:
            return ""
        moved = self.session.shifting.words(look)
        return f"{self._series(look.minus).title}\n{moved}" if moved else self._series(look.minus).title


def elsewhere(case: Case, series: Series) -> list[tuple[Region, Series]]:
    """The regions of other stacks that are shown where they cut this one, with those stacks.

    Of each finding that is not drawn here, what is drawn on one DICOM series: that which its reader chose to measure it
    on, else that which has most of it. Another series' copy of the same thing would only thicken the line.
    """
    here = {region.finding_id for region in case.regions if region.series_id == series.id}
    groups: dict[str, dict[str, list[tuple[Region, Series]]]] = {}
    for region in case.regions:
        home = case.series_of(region.series_id)
        if region.finding_id not in here and comparable(home, series) and not home.is_localizer:
            groups.setdefault(region.finding_id, {}).setdefault(home.series_uid, []).append((region, home))

    def size(drawn: list[tuple[Region, Series]]) -> tuple[bool, float]:
        is_reference = any(case.finding(region.finding_id).reference == home.id for region, home in drawn)
        voxels = [case.region_mask(region).count * float(np.prod(home.grid.spacing)) for region, home in drawn]
        return is_reference, sum(voxels)

    return [one for by_series in groups.values() for one in max(by_series.values(), key=size)]


def _window(window: Window, look: Look) -> Window:
    """In which a look is shown: of a difference zero is dark, so that what rose stands out."""
    return window if look.minus is None else difference_window(window)


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(map(_same, one, other))


def _same(one: object, other: object) -> bool:
    arrays = isinstance(one, np.ndarray) or isinstance(other, np.ndarray)
    return one is other if arrays else bool(one == other)
