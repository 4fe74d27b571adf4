"""The pictures that came with the report, in views: a photograph or a microscope's picture that no series stands for.

A view shows one as a stack of a single slice. Frame: pixels of the upright picture, x along its columns, y along its
rows, pixel centres at whole numbers; they stand where a stack has millimetres, and lie in no patient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from callout.case import Case
from callout.errors import CalloutError, InputError
from callout.figures.pictured import names_of, stand_ins
from callout.figures.source import CaseSource
from callout.geometry import Grid
from callout.reports import Figure
from callout.volume import SPACING_UNKNOWN, Instance, Series, SeriesWarning
from napari_callout.session.errand import Errand
from napari_callout.session.look import Look, picture_id, picture_name

if TYPE_CHECKING:
    from napari_callout.session.session import Session

KEPT_BYTES = 1 << 29
CLOSING_SECONDS = 5.0  # that a picture under way is waited for
Colours = npt.NDArray[np.uint8]


class ReportPictures:
    """The pictures of the open case: their colours, the last ones kept, and the way into a view."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, Colours] = {}  # by name, the one looked at last at the end
        self._problems: dict[str, str] = {}
        self._errands: dict[str, Errand[Colours]] = {}
        self.post: Callable[[Errand[Colours]], None] | None = None  # has `take` called in the window's own thread

    def forget(self) -> None:
        """Another case is there."""
        for kept in (self._kept, self._problems, self._errands):
            kept.clear()

    def close(self) -> None:
        """Read no more, and wait for what is under way."""
        errands, self.post = list(self._errands.values()), None
        self.forget()
        for errand in errands:
            errand.wait(CLOSING_SECONDS)

    def colours(self, name: str) -> Colours | None:
        """uint8 RGB (rows, columns, 3), upright; None while they are read beside the window.

        InputError where they can't be.
        """
        if name in self._problems:
            raise InputError(self._problems[name])
        if name in self._kept:
            self._kept[name] = self._kept.pop(name)
        elif name not in self._errands:
            source = CaseSource(self._case())

            def read(tell: object) -> Colours:
                found = np.ascontiguousarray(source.picture(name))
                if found.shape[:2] != source.picture_shape(name):  # views know it by that
                    raise InputError("the picture is of another size than it says", name, "save it again as PNG")
                return found

            if self.post is None:
                self._keep(name, read(None))
            else:
                self._errands[name] = Errand(read, lambda errand, counts: None, self.post)
        return self._kept.get(name)

    def take(self, errand: Errand[Colours]) -> None:
        """A picture is read, or can't be; of another case it is of no interest any more."""
        name = next((name for name, one in self._errands.items() if one is errand), None)
        if name is None:
            return
        del self._errands[name]
        if errand.result is not None:
            self._keep(name, errand.result)
        else:
            self._problems[name] = str(errand.error)
            self._session.told.emit(str(errand.error), True)
        self._session.drafted.emit()

    def _keep(self, name: str, colours: Colours) -> None:
        self._kept[name] = colours
        while sum(one.nbytes for one in self._kept.values()) > KEPT_BYTES and len(self._kept) > 1:
            del self._kept[next(iter(self._kept))]

    @property
    def here(self) -> bool:
        """Whether all that is looked at is read, or can't be."""
        names = (picture_name(look.series_id) for look in self._session.views.looks if look is not None)
        return all(name is None or name in self._kept or name in self._problems for name in names)

    def is_here(self, name: str) -> bool:
        """Whether a picture is read."""
        return name in self._kept

    def look(self, name: str) -> Look:
        """A look at a whole picture, which views know from now on. InputError where it is none."""
        views, series_id = self._session.views, picture_id(name)
        if not views.knows(series_id):
            case = self._case()
            views.add(stack_of(name, title_of(case, name), CaseSource(case).picture_shape(name)))
        self.colours(name)  # begins to read it
        return views.native(series_id, 0)

    def _case(self) -> Case:
        case = self._session.case
        if case is None:
            raise InputError("there is no case yet", remedy="make one with New case…")
        return case

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
    """A picture of (rows, columns) as the stack that views know of."""
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
