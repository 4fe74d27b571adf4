"""What is looked at: the study's series in the window's views, and what stands out there. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from psygnal import Signal

from callout.errors import CalloutError
from callout.volume import Series
from napari_callout.session.look import is_picture, picture_name
from napari_callout.session.views import Views

if TYPE_CHECKING:
    from napari_callout.session.marks import Moving


class Looking:
    """The part of a session that needs no case.

    Signals: `shown` another series in the active view; `moved` another slice of it (native k); `drafted` what is drawn
    is to be seen anew; `told` a sentence for the reader, with True where it is about something that did not work.
    """

    shown = Signal()
    moved = Signal(int)
    drafted = Signal()
    told = Signal(str, bool)

    def __init__(self) -> None:
        self.series: tuple[Series, ...] = ()
        self.views = Views()
        self.hidden = False  # what is drawn is not shown
        self.filled = False  # regions are filled, not only outlined
        self.wordless = False  # the words in the corners of the views are not shown
        self.moving: Moving | None = None  # a mark that the hand drags
        self.lit: frozenset[str] = frozenset()  # the findings that the hand points at
        self._slices: dict[str, int] = {}
        self._seen: tuple[str | None, int] = (None, 0)  # series and slice that `shown` and `moved` last told of
        self.views.changed.connect(self._on_view)
        self.views.activated.connect(self._on_view)

    @property
    def series_id(self) -> str | None:
        """Of the series in the active view; None where it shows a picture of the report."""
        look = self.views.look
        return None if look is None or is_picture(look.series_id) else look.series_id

    @property
    def picture(self) -> str | None:
        """The name of the report's picture in the active view; None where it shows none."""
        look = self.views.look
        return None if look is None else picture_name(look.series_id)

    @property
    def shown_series(self) -> Series | None:
        """The series in the active view."""
        return next((one for one in self.series if one.id == self.series_id), None)

    @property
    def k(self) -> int:
        """The native slice in the active view; in a plane across slices, the one last looked at."""
        look = self.views.look
        if look is None:
            return 0
        plane = self.views.plane_of(look)
        return plane.k if plane.is_native else self._slices.get(look.series_id, plane.k)

    def show_series(self, series_id: str, k: int | None = None, view: int | None = None) -> None:
        """Show a series, at native slice `k`, else where it was left, else in its middle.

        view: in which; else in one that shows it already, else in the active one.
        """
        series = next(one for one in self.series if one.id == series_id)
        if view is None:
            found = self.views.view_of(series_id)
            view = self.views.active if found is None else found
        if k is None:
            k = self._slices.get(series_id, series.grid.shape[0] // 2)
        k = min(max(k, 0), series.grid.shape[0] - 1)
        self.views.activate(view)
        wanted, look = self.views.native(series_id, k), self.views.looks[view]
        if look is not None and (look.series_id, look.axis) == (wanted.series_id, wanted.axis):
            self.views.go_to(view, wanted.at)
        else:
            self.views.put(view, wanted)

    def go_to(self, k: int) -> None:
        """Show native slice `k` in the active view, or the end nearest to it."""
        if self.series_id is not None:
            self.show_series(self.series_id, k, self.views.active)

    def _on_view(self, view: int) -> None:
        """What the active view shows has changed, or another view is the active one."""
        if view != self.views.active:
            return
        (series_id, k), self._seen = self._seen, (self.series_id, self.k)
        if self.series_id is not None:
            self._slices[self.series_id] = self.k
        if self.series_id != series_id:
            self._turn_to_series()
            self.shown.emit()
        elif self.k != k:
            self.moved.emit(self.k)

    def _turn_to_series(self) -> None:
        """Another series is in the active view; who draws on it gets ready."""

    def hide_words(self, hidden: bool) -> None:
        """Show the views without the words in their corners, or with them."""
        self.wordless = hidden
        self.drafted.emit()

    def fill_drawn(self, filled: bool) -> None:
        """Fill regions, or only outline them."""
        self.filled = filled
        self.drafted.emit()

    def light(self, finding_ids: Iterable[str]) -> None:
        """Make findings stand out in all views: the hand points at them or at their words."""
        lit = frozenset(finding_ids)
        if lit != self.lit:
            self.lit = lit
            self.drafted.emit()

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something a reader asked for; what does not work is told, not raised."""
        try:
            action()
        except CalloutError as error:
            self.told.emit(str(error), True)
            return False
        return True
