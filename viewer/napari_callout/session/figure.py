"""A figure as it is edited: panels added, replaced, ordered, cropped and removed. Pure; each change is a new recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callout.errors import InputError
from callout.figures.markers import drawn_on, is_seen
from callout.figures.projection import Projection
from callout.figures.propose import COLUMN_MM, DPI, PAGE_MM
from callout.figures.recipe import Fill, Outline, Panel, Recipe, View
from callout.figures.section import NORMALS, Volumes, grid_of
from callout.figures.snapshot import Known
from callout.reports import Figure
from callout.volume import Series
from napari_callout.session.panels import LEAST_MM
from napari_callout.session.slabs import PROJECTION_WORDS
from napari_callout.session.windows import window_text

MOST_COLUMNS = 3  # of a figure that nobody laid out otherwise
EXTRAS = ("outlines", "fills", "letters", "scale bar")
Box = tuple[float, float, float, float]  # left, top, right, bottom, as parts of a panel


@dataclass(frozen=True)
class PanelRow:
    """A panel in words: its letter, series and place, and how it is shown."""

    letter: str
    title: str
    facts: str
    is_picture: bool = False


def with_panel(recipe: Recipe | None, figure: Figure, panel: Panel) -> Recipe:
    """One more panel at the end; `recipe`: None where the figure has none yet."""
    if recipe is None:
        return Recipe(figure.label, figure.caption.text, COLUMN_MM, DPI, (panel,), columns=1)
    return _laid_out(recipe, (*recipe.panels, panel))


def with_replaced(recipe: Recipe, number: int, panel: Panel) -> Recipe:
    """Another one in the place of panel `number`. What was written of another picture is not of this one."""
    before = recipe.panels[number]
    alike = before.view is not None and panel.view is not None and _place(before.view) == _place(panel.view)
    put = replace(panel, letter=before.letter, alt=before.alt if alike else panel.alt)
    return _laid_out(recipe, _put(recipe.panels, number, put))


def without(recipe: Recipe, number: int) -> Recipe:
    """The figure without panel `number`. InputError for its only one."""
    if len(recipe.panels) == 1:
        raise InputError("a figure has at least one panel", remedy="replace it, or take the figure as proposed")
    return _laid_out(recipe, recipe.panels[:number] + recipe.panels[number + 1 :])


def moved(recipe: Recipe, number: int, to: int) -> Recipe:
    """Panel `number` becomes the one at `to`."""
    rest = [*recipe.panels[:number], *recipe.panels[number + 1 :]]
    at = min(max(to, 0), len(rest))
    return _laid_out(recipe, (*rest[:at], recipe.panels[number], *rest[at:]))


def cropped(recipe: Recipe, number: int, box: Box, source: Volumes) -> Recipe:
    """Of panel `number` only what lies in `box`. InputError for a picture, and where next to nothing would be left."""
    view = recipe.panels[number].view
    if view is None:
        raise InputError("a picture of the report is shown whole", remedy="replace it by a view, then crop that")
    left, top, right, bottom = box
    extent = (view.extent_mm[0] * (right - left), view.extent_mm[1] * (bottom - top))
    if min(extent) < LEAST_MM:
        raise InputError("less than 1 mm of the panel would be left", remedy="drag a larger frame")
    grid = grid_of(view, source)
    page = Projection(grid, 0, view.centre_mm, view.extent_mm[0], (1, 1))
    across, down = ((left + right) / 2 - 0.5) * view.extent_mm[0], ((top + bottom) / 2 - 0.5) * view.extent_mm[1]
    x, y, z = (round(float(v), 3) for v in np.array(view.centre_mm) + across * page.right + down * page.down)
    smaller = replace(view, centre_mm=(x, y, z), extent_mm=(round(extent[0], 3), round(extent[1], 3)))
    seen = tuple(one for one in view.overlays if is_seen(one, smaller, source))
    smaller = replace(smaller, overlays=seen)
    return replace(recipe, panels=_put(recipe.panels, number, replace(recipe.panels[number], view=smaller)))


def extras_of(recipe: Recipe | None) -> frozenset[str]:
    """What is drawn beside markers: of EXTRAS."""
    views = [panel.view for panel in recipe.panels if panel.view is not None] if recipe else []
    overlays = [overlay for view in views for overlay in view.overlays]
    found = {
        "outlines": any(isinstance(one, Outline) for one in overlays),
        "fills": any(isinstance(one, Fill) for one in overlays),
        "letters": any(view.letters for view in views),
        "scale bar": any(view.scale_bar for view in views),
    }
    return frozenset(name for name, is_on in found.items() if is_on)


def with_extras(recipe: Recipe, extras: frozenset[str], case: Known, figure: Figure, source: Volumes) -> Recipe:
    """All panels with these extras and no others; markers stay as they are.

    InputError where regions are to be drawn and none lies on any panel.
    """

    borders = (extras ^ extras_of(recipe)) & {"outlines", "fills"}  # else they stay, as an author may have them

    def changed(view: View) -> View:
        furnished = _furnished(view, extras, source.series(view.series_id))
        return _with_borders(furnished, extras, case, figure, source) if borders else furnished

    panels = tuple(replace(one, view=changed(one.view)) if one.view is not None else one for one in recipe.panels)
    made = replace(recipe, panels=panels)
    if borders & extras and not extras_of(made) & {"outlines", "fills"}:
        raise InputError("no region of what the caption names lies on these panels", remedy="draw and link it first")
    return made


def drawn_panel(
    seen: Panel, before: View | None, recipe: Recipe | None, case: Known, figure: Figure, source: Volumes
) -> Panel:
    """A panel with what the figure draws on it. before: what was seen in its place."""
    if seen.view is None:
        return seen
    return replace(seen, view=drawn(seen.view, before, extras_of(recipe), case, figure, source))


def drawn(
    view: View, before: View | None, extras: frozenset[str], case: Known, figure: Figure, source: Volumes
) -> View:
    """A view with what the figure draws on it: the caption's markers, and the figure's extras.

    before: what the panel showed; where that is the same plane, what was drawn on it stays as it is.
    """
    view = _furnished(view, extras, source.series(view.series_id))
    if before is None or _place(before) != _place(view):
        overlays = drawn_on(case, figure, view, source)
        return _with_borders(replace(view, overlays=overlays), extras, case, figure, source)
    kept = tuple(one for one in before.overlays if is_seen(one, view, source))
    known = {(one.kind, one.region_id, getattr(one, "text", "")) for one in kept}
    wanted = drawn_on(case, figure, view, source, outlines="outlines" in extras, fills="fills" in extras)
    new = (one for one in wanted if one.region_id and (one.kind, one.region_id, getattr(one, "text", "")) not in known)
    return replace(
        view,
        overlays=(*kept, *(one for one in new if not isinstance(one, _left_out(extras)))),
        interpolation=before.interpolation,
    )


def panel_rows(recipe: Recipe, series_of: Callable[[str], Series]) -> tuple[PanelRow, ...]:
    """The panels in words, in their order."""
    return tuple(_row(panel, series_of) for panel in recipe.panels)


def _row(panel: Panel, series_of: Callable[[str], Series]) -> PanelRow:
    view = panel.view
    if view is None:
        marks = f" · {len(panel.marks)} marks" if panel.marks else ""
        return PanelRow(panel.letter, str(panel.picture), f"a picture of the report{marks}", True)
    try:
        series = series_of(view.series_id)
    except InputError:
        return PanelRow(panel.letter, view.series_id, "the case has no such series")
    place = f"slice {view.slice}" if view.slice is not None else f"{view.plane} reformat"
    slab = f"{PROJECTION_WORDS[view.projection]} {view.slab_mm:g} mm" if view.slab_mm else ""
    less = ""
    if view.minus is not None:
        less = f"less {series_of(view.minus).title}"
    facts = (place, slab, less, window_text(view.window), "inverted" if view.inverted else "")
    return PanelRow(panel.letter, series.title, " · ".join(fact for fact in facts if fact))


def _with_borders(view: View, extras: frozenset[str], case: Known, figure: Figure, source: Volumes) -> View:
    """With the regions' outlines and fills, or without."""
    others = tuple(one for one in view.overlays if not isinstance(one, Outline | Fill))
    if not extras & {"outlines", "fills"}:
        return replace(view, overlays=others)
    wanted = drawn_on(case, figure, view, source, outlines="outlines" in extras, fills="fills" in extras)
    borders = (one for one in wanted if isinstance(one, Outline | Fill) and not isinstance(one, _left_out(extras)))
    return replace(view, overlays=(*borders, *others))


def _left_out(extras: frozenset[str]) -> tuple[type[Outline] | type[Fill], ...]:
    """The kinds of border that are not asked for; `drawn_on` gives none without outlines."""
    return tuple(kind for name, kind in (("outlines", Outline), ("fills", Fill)) if name not in extras)


def _furnished(view: View, extras: frozenset[str], series: Series) -> View:
    scale_bar = "scale bar" in extras and series.is_measurable
    return replace(view, letters="letters" in extras, scale_bar=scale_bar)


def _laid_out(recipe: Recipe, panels: Sequence[Panel]) -> Recipe:
    """These panels, lettered in their order; as wide and in as many columns as a proposal, unless an author said so."""
    count, before = len(panels), len(recipe.panels)
    letters = _letters(count, any(panel.letter.isupper() for panel in recipe.panels))
    columns, width = recipe.columns, recipe.width_mm
    if columns == min(before, MOST_COLUMNS):
        columns = min(count, MOST_COLUMNS)
    if width == (COLUMN_MM if before == 1 else PAGE_MM):
        width = COLUMN_MM if count == 1 else PAGE_MM
    lettered = tuple(replace(panel, letter=letter) for panel, letter in zip(panels, letters, strict=True))
    return replace(recipe, panels=lettered, columns=columns, width_mm=width)


def _letters(count: int, capital: bool) -> list[str]:
    """a, b, c …; none for a panel that is alone; numbers where the alphabet ends."""
    if count == 1:
        return [""]
    names = [chr(ord("a") + n) if n < 26 else str(n + 1) for n in range(count)]
    return [name.upper() if capital else name for name in names]


def _put(panels: tuple[Panel, ...], number: int, panel: Panel) -> tuple[Panel, ...]:
    return (*panels[:number], panel, *panels[number + 1 :])


def _place(view: View) -> tuple[object, ...]:
    """On which plane of which series a view lies, whatever its frame and window."""
    through = round(float(np.array(view.centre_mm) @ NORMALS[view.plane]), 1) if view.plane in NORMALS else None
    return view.series_id, view.slice, view.plane, view.points_mm, view.along, through
