"""Subtraction: which series can be taken from another, and how the reader moves it before. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from callout.case.model import MOST_SHIFT_MM, displacement
from callout.dicom.comparable import incomparable
from callout.errors import InputError
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.session.look import Look, Vector
from napari_callout.session.plane import has_millimetres

if TYPE_CHECKING:
    from napari_callout.session.session import Session

PARALLEL = float(np.cos(np.radians(20.0)))
NONE_FITS = "no series can be subtracted from {}: {}"
BEFORE = "what was taken before contrast is subtracted from what was taken after"


def partners(series: Series, others: Iterable[Series]) -> tuple[Series, ...]:
    """The series that can be subtracted from one: made alike, parallel, of one frame of reference, and not later."""
    if series.is_localizer or not has_millimetres(series):
        return ()
    found = [
        one
        for one in others
        if one.series_uid != series.series_uid
        and not one.is_localizer
        and has_millimetres(one)
        and not (series.contrast == "pre-contrast" and one.contrast == "post-contrast")
        and abs(float(one.grid.normal @ series.grid.normal)) >= PARALLEL
        and not incomparable(series, one)
    ]
    return tuple(sorted(found, key=lambda one: one.contrast != "pre-contrast"))


def why_none(series: Series, others: Sequence[Series]) -> str:
    """Why nothing can be subtracted from a series, in words."""
    after = next((one for one in others if series.id in {each.id for each in partners(one, others)}), None)
    if after is not None:
        return NONE_FITS.format(series.title, f"{BEFORE}, so show {after.title}")
    parallel = [one for one in others if one.id != series.id and one.plane == series.plane and not one.is_localizer]
    reasons = [f"{one.title}: {incomparable(series, one)}" for one in parallel if incomparable(series, one)]
    return NONE_FITS.format(series.title, reasons[0] if reasons else "the study has no other one like it")


class Shifting:
    """By how much a series is moved, LPS mm, before it is subtracted: tried here, and kept in the case as one edit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tried: dict[tuple[str, str], Vector] = {}
        session.opened.connect(self._forget)

    def of(self, look: Look) -> Vector:
        """The shift of a look's pair."""
        if look.minus is None:
            return (0.0, 0.0, 0.0)
        tried, case = self._tried.get((look.series_id, look.minus)), self._session.case
        if tried is not None:
            return tried
        return (0.0, 0.0, 0.0) if case is None else case.shift_of(look.series_id, look.minus)

    def move(self, look: Look, by_mm: Floats) -> None:
        """Try a shift that goes on from the one that is seen."""
        if look.minus is not None:
            moved = np.clip(np.array(self.of(look)) + by_mm, -MOST_SHIFT_MM, MOST_SHIFT_MM)
            self._tried[look.series_id, look.minus] = (float(moved[0]), float(moved[1]), float(moved[2]))
            self._session.drafted.emit()

    def put_back(self, look: Look) -> None:
        """No shift."""
        self.move(look, -np.array(self.of(look)))
        self.commit()

    def commit(self) -> None:
        """What was tried becomes an edit of the case; where there is none to write, it stays as it is seen."""
        case = self._session.case
        if case is None or case.read_only:
            return
        for pair, shift in list(self._tried.items()):
            rounded = [round(value, 2) for value in shift]
            if rounded != list(case.shift_of(*pair)):
                case.set_shift(*pair, rounded)
            self._tried.pop(pair, None)

    def _forget(self) -> None:
        self._tried.clear()

    def words(self, look: Look) -> str:
        """ "moved 1.5 mm P"; "" where it is not."""
        moved = displacement(self.of(look))
        return f"moved {moved}" if moved else ""


def subtract(session: Session, minus: str | None) -> None:
    """Show the active view's series less another one; None for itself again. InputError where it means nothing."""
    views, series = session.views, session.shown_series
    look = views.look
    if look is None or series is None:
        raise InputError("no series is shown", remedy="choose one first")
    if minus is not None and not views.plane_of(look).is_native:
        raise InputError("planes across the slices are not subtracted", remedy="show the slices as they were taken")
    if minus is not None and minus not in {one.id for one in partners(series, session.series)}:
        raise InputError(why_none(series, session.series))
    views.change(views.active, minus=minus, slab_mm=0.0)


def beside(session: Session) -> None:
    """Before and after contrast beside each other: the active view's series, and its partner at the same place.

    InputError where there is none.
    """
    views, series = session.views, session.shown_series
    look = views.look
    if look is None or series is None:
        raise InputError("no series is shown", remedy="choose one first")
    after = [one for one in session.series if series.id in {each.id for each in partners(one, session.series)}]
    before = partners(series, session.series)
    if not before and not after:
        raise InputError(why_none(series, session.series))
    other = before[0] if before else after[0]
    plain = (
        replace(look, minus=None, slab_mm=0.0) if views.plane_of(look).is_native else views.native(series.id, session.k)
    )
    plane = views.plane_of(plain)
    middle = plane.point((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    k = int(np.abs((other.grid.origins - middle) @ other.grid.normal).argmin())
    there = replace(views.native(other.id, k), zoom=plain.zoom, pan_mm=plain.pan_mm, field_mm=plain.field_mm)
    views.hang("2", [there, plain] if before else [plain, there], 1 if before else 0)


def subtract_next(session: Session) -> None:
    """Subtract the first series that can be, then the next one, then none again.

    Before contrast there is nothing to subtract: what was taken after it is meant, where that hangs beside.
    """
    _turn_to_after(session)
    series, look = session.shown_series, session.views.look
    if series is None or look is None:
        raise InputError("no series is shown", remedy="choose one first")
    found = [None, *(one.id for one in partners(series, session.series))]
    if len(found) == 1 and look.minus is None:
        raise InputError(why_none(series, session.series))
    at = found.index(look.minus) if look.minus in found else 0
    subtract(session, found[(at + 1) % len(found)])


def _turn_to_after(session: Session) -> None:
    """Make a view active from which the active one's series can be subtracted, if that itself has no partner."""
    shown, by_id = session.shown_series, {one.id: one for one in session.series}
    if shown is None or partners(shown, session.series):
        return
    for view, look in enumerate(session.views.looks):
        if look is not None and look.series_id in by_id and shown in partners(by_id[look.series_id], session.series):
            session.views.activate(view)
            return
