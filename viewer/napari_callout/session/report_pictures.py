"""The pictures that came with the report, in views: a photograph or a microscope's picture that no series stands for.

A view shows one as a stack of a single slice. Frame: pixels of the upright picture, x along its columns, y along its
rows, pixel centres at whole numbers; they stand where a stack has millimetres, and lie in no patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from callout.case import Case
from callout.errors import CalloutError, InputError
from callout.figures.pictured import names_of, stand_ins
from callout.geometry import Grid
from callout.reports import Figure
from callout.volume import SPACING_UNKNOWN, Instance, Series, SeriesWarning
from napari_callout.session.look import Look, picture_id

if TYPE_CHECKING:
    from napari_callout.session.session import Session

KEPT_BYTES = 1 << 29
Colours = npt.NDArray[np.uint8]


class ReportPictures:
    """The pictures of the open case: their colours, the last ones kept, and the way into a view."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, Colours] = {}  # by name, the one looked at last at the end

    def forget(self) -> None:
        """Another case is there."""
        self._kept.clear()

    def colours(self, name: str) -> Colours:
        """uint8 RGB (rows, columns, 3), upright. InputError where it can't be read."""
        from callout.figures.source import CaseSource

        case = self._session.case
        if case is None or name not in self._kept:
            assert case is not None
            self._kept[name] = np.ascontiguousarray(CaseSource(case).picture(name))
        self._kept[name] = self._kept.pop(name)
        while sum(one.nbytes for one in self._kept.values()) > KEPT_BYTES and len(self._kept) > 1:
            del self._kept[next(iter(self._kept))]
        return self._kept[name]

    def look(self, name: str) -> Look:
        """A look at a whole picture, which views know from now on. InputError where it can't be read."""
        views, series_id = self._session.views, picture_id(name)
        if not views.knows(series_id):
            case = self._session.case
            assert case is not None
            views.add(stack_of(name, title_of(case, name), self.colours(name).shape))
        return views.native(series_id, 0)

    def try_look(self, name: str) -> Look | None:
        """The same; where it can't be read that is told."""
        try:
            return self.look(name)
        except CalloutError as error:
            self._session.told.emit(str(error), True)
            return None

    def show_next(self, label: str) -> None:
        """Show the first picture of a figure, or the one after that which is shown. InputError where it has none."""
        case = self._session.case
        figure = case.report.figure(label) if case is not None and case.report else None
        names = names_of(figure) if figure else []
        if not names:
            raise InputError(f"no picture came with figure {label}" if figure else "the report has no such figure")
        shown = self._session.picture
        self.show(names[(names.index(shown) + 1) % len(names)] if shown in names else names[0])

    def show(self, name: str) -> None:
        """Show a picture: in the view that shows it already, else in the active one. InputError as of `look`."""
        views, look = self._session.views, self.look(name)
        shown = (n for n, one in enumerate(views.looks) if one is not None and one.series_id == look.series_id)
        view = next(shown, None)
        if view is None:
            views.put(views.active, look)
        else:
            views.activate(view)


def stack_of(name: str, title: str, shape: Sequence[int]) -> Series:
    """A picture of (rows, columns, 3) as the stack that views know of."""
    grid = Grid((1, shape[0], shape[1]), np.zeros((1, 3)), np.array([0.0, 1, 0]), np.array([1.0, 0, 0]))
    unknown = SeriesWarning(SPACING_UNKNOWN, "a picture states no pixel size")
    return Series(picture_id(name), "", "", "", None, title, grid, (Instance("", 1, ""),), "", "", warnings=(unknown,))


def title_of(case: Case, name: str) -> str:
    """What people call a picture: its figure, and which of its pictures it is where there are several."""
    for figure in case.report.figures if case.report else ():
        names = names_of(figure)
        if name in names:
            which = f", picture {names.index(name) + 1} of {len(names)}" if len(names) > 1 else ""
            return f"Figure {figure.label}{which}"
    return name


def hung_pictures(case: Case, figure: Figure) -> list[tuple[int, str]]:
    """The pictures that hang with a figure: at which place among its looks, and the name.

    They are of what no series shows; where the caption says nothing of its pictures, they hang behind the series.
    """
    if figure.caption.views:
        return stand_ins(case, figure)
    return stand_ins(case, figure) or [(1 + n, name) for n, name in enumerate(names_of(figure))]
