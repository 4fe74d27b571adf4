"""Which series a caption's picture shows: plane, sequence and contrast of the words against the facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from callout.reports import Caption, CaptionView
from callout.volume import Series

SCOUT = "scout"
AFTER = ("post-contrast", "portal venous", "arterial", "delayed")  # words for images after contrast
BEFORE = ("pre-contrast", "non-contrast")


def fitting_series(view: CaptionView, caption: Caption, series: Iterable[Series]) -> list[Series]:
    """The series that fit what the caption says of one picture, best first; [] where none does.

    What the words leave open fits anything; what the body says of the figure (`inferred`) only ranks.
    """
    ranked = [(score, n, one) for n, one in enumerate(series) if (score := _score(view, caption, one)) is not None]
    return [one for _, _, one in sorted(ranked, key=lambda entry: (-entry[0], entry[1]))]


def fit_alike(view: CaptionView, caption: Caption, one: Series, other: Series) -> bool:
    """Whether two series fit equally well what the caption says of one picture, but for its plane."""
    any_plane = replace(view, plane=None)
    return one.plane == other.plane and _score(any_plane, caption, one) == _score(any_plane, caption, other)


def views_of(caption: Caption) -> tuple[CaptionView, ...]:
    """The pictures that a caption speaks of; one with nothing said, where it speaks of none."""
    if caption.views:
        return caption.views
    return (CaptionView(modality=caption.modality or caption.inferred.get("modality")),)


def _score(view: CaptionView, caption: Caption, series: Series) -> float | None:
    modality = view.modality or caption.modality or caption.inferred.get("modality")
    if modality is not None and series.modality not in modality.split("+"):
        return None
    if view.plane is not None and view.plane != series.plane:
        return None
    scout = view.sequence == SCOUT
    if scout != series.is_localizer:
        return None
    score = 0.0
    if view.sequence is not None and not scout:
        if series.sequence is not None and series.sequence != view.sequence:
            return None
        score += 2.0 * (series.sequence == view.sequence)
    if view.contrast in AFTER:
        if series.contrast in BEFORE:
            return None
        score += series.contrast in AFTER
    elif view.contrast in BEFORE and series.contrast in AFTER:
        return None
    else:  # nothing said of contrast, or before it: a series without comes first
        score += 0.5 * (series.contrast not in AFTER)
    return score + 0.25 * (series.plane == caption.inferred.get("plane"))
