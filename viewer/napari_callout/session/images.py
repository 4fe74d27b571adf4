"""Images that moved, found again: for good, or for this sitting where the case can't be written."""

from __future__ import annotations

from collections.abc import Sequence

from callout.case import Case, Relinked
from callout.case.places import missing_images, relinked
from callout.volume import Series
from napari_callout.session.opening import StrPath


def find_again(case: Case, series: Sequence[Series], folder: StrPath) -> tuple[tuple[Series, ...], Relinked]:
    """The series as they are known now, and what of them the folder holds. InputError where it is none."""
    if not case.read_only:
        result = case.relink(folder)
        return case.series, result
    from callout import find_series

    return relinked(series, find_series(folder))


def missing(series: Sequence[Series]) -> tuple[str, ...]:
    """The ids of those whose images are not where they are looked for."""
    return tuple(one.id for one in series if missing_images(one))


def found_text(series: Sequence[Series], result: Relinked, still: Sequence[str]) -> str:
    """Which series' images were found, and which of those that are `still` missing were not, and why."""
    titles = {one.id: one.title for one in series}
    found = f"found the images of {', '.join(titles[series_id] for series_id in result.found)}"
    lost = "; ".join(f"{titles[series_id]}: {reason}" for series_id, reason in result.missing if series_id in still)
    return f"{found}. Not found: {lost}" if lost else found
