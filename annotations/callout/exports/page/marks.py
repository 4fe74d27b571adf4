"""A reader's marks on a panel of the page, as paths that light up with their words. Frame: panel pixels, y down."""

from __future__ import annotations

from html import escape

import numpy as np

from callout.case.contents import Contents
from callout.case.model import Mark
from callout.figures.markers import lies_on
from callout.figures.projection import Projection
from callout.figures.recipe import Panel
from callout.geometry import Floats
from callout.terms import concept_or_unknown

DOT = 7.0  # pixels: half the width of a point's cross
TURNS = np.linspace(0, 2 * np.pi, 49)


def mark_paths(case: Contents, panel: Panel, projection: Projection | None, size: tuple[int, int]) -> str:
    """The marks on what a panel shows; size: (width, height) of it. projection: of its view; None for a picture."""
    paths = []
    for mark in case.marks:
        places = _places(case, mark, panel, projection, size)
        if places is not None:
            finding = case.finding(mark.finding_id)
            ink = concept_or_unknown(finding.concept).colour
            lines = " ".join(
                "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in line.tolist()) for line in lines_of(mark.kind, places)
            )
            paths.append(f'<path class="border" data-finding="{escape(finding.id)}" d="{lines}" stroke="{ink}"/>')
    return "".join(paths)


def lines_of(kind: str, places: Floats) -> list[Floats]:
    """The lines (n, 2) of a mark whose points lie at places (n, 2)."""
    if kind == "point":
        return [places + np.array([arm, [-part for part in arm]]) for arm in ([DOT, 0.0], [0.0, DOT])]
    if kind == "ellipse":
        centre, one, other = places
        ring: Floats = centre + np.outer(np.cos(TURNS), one - centre) + np.outer(np.sin(TURNS), other - centre)
        return [ring]
    return [places[:2], places[2:]] if kind == "diameters" else [places]


def _places(
    case: Contents, mark: Mark, panel: Panel, projection: Projection | None, size: tuple[int, int]
) -> Floats | None:
    """Where the points of a mark lie on a panel; None where it is not on what that shows."""
    points = np.array(mark.points)
    view = panel.view
    if view is None or projection is None:
        if mark.picture is None or mark.picture != panel.picture:
            return None
        rows, columns = _shape(case, mark.picture)
        found: Floats = (points + 0.5) * [size[0] / columns, size[1] / rows]
        return found
    if mark.series_id != view.series_id or view.slice is None or view.slab_mm or view.minus is not None:
        return None
    is_here = lies_on(case.series_of(view.series_id), points[0], view.slice)
    return projection.to_panel(points) if is_here else None


def _shape(case: Contents, picture: str) -> tuple[int, int]:
    from callout.figures.source import CaseSource

    rows, columns = CaseSource(case).picture(picture).shape[:2]
    return rows, columns
