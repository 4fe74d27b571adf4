from __future__ import annotations

from dataclasses import replace

import made_study
import numpy as np
import pytest

from callout.reports import Caption, CaptionView, Figure
from callout.volume import Series
from napari_callout.session import Session
from napari_callout.session.choose import fitting_ids, largest_slice, place_of
from napari_callout.session.selection import next_mention


def of(session: Session, **facts: object) -> Series:
    return replace(made_study.named(session, made_study.AXIAL), **facts)  # type: ignore[arg-type]


def figure(*views: CaptionView) -> Figure:
    return Figure("1", Caption("words", views=views))


def test_the_plane_of_a_caption_decides_between_series(session: Session) -> None:
    found = fitting_ids(session.series, figure(CaptionView("CT", "coronal")))
    assert found == [made_study.named(session, made_study.CORONAL).id]


def test_pictures_come_in_the_order_of_the_caption(session: Session) -> None:
    found = fitting_ids(session.series, figure(CaptionView("CT", "coronal"), CaptionView("CT", "axial")))
    assert found[0] == made_study.named(session, made_study.CORONAL).id
    assert made_study.named(session, made_study.AXIAL).id in found[1:]


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (CaptionView("MR", "axial", "T1", None, "post-contrast"), "t1 after"),
        (CaptionView("MR", "axial", "T1", None, "pre-contrast"), "t1 before"),
        (CaptionView("MR", "axial", "STIR"), "stir"),
        (CaptionView("MR", None, "scout"), "scout"),
        (CaptionView("CT", "axial"), "ct"),
        (CaptionView("MR", "axial", "T1", None, "portal venous"), "t1 after"),
        (CaptionView("MR", "sagittal"), None),
    ],
)
def test_sequence_contrast_and_scout(session: Session, view: CaptionView, wanted: str | None) -> None:
    series = [
        of(session, id="scout", modality="MR", is_localizer=True),
        of(session, id="ct"),
        of(session, id="t1 before", modality="MR", sequence="T1", contrast="pre-contrast"),
        of(session, id="t1 after", modality="MR", sequence="T1", contrast="post-contrast"),
        of(session, id="stir", modality="MR", sequence="STIR"),
    ]
    assert fitting_ids(series, figure(view))[:1] == ([wanted] if wanted else [])


def test_a_drawn_mention_is_where_most_of_it_is(session: Session) -> None:
    case = session.case
    assert case is not None
    mention, axial = case.mention("1:1"), made_study.named(session, made_study.AXIAL)
    finding = case.add_finding(mention.concept)
    case.link(finding, mention)
    region = case.add_region(finding, axial.id)
    empty = place_of(case, mention)
    assert empty is not None
    assert empty.series_id == axial.id
    mask = np.zeros(axial.grid.shape, bool)
    mask[2, 3:5, 3:5] = mask[7, 3:9, 3:9] = True
    case.set_mask(region, mask)
    assert largest_slice(case.region_mask(region)) == 7
    place = place_of(case, mention, made_study.named(session, made_study.CORONAL).id)
    assert place is not None
    assert (place.series_id, place.k) == (axial.id, 7)


def test_a_mention_is_shown_on_the_series_its_figure_speaks_of(session: Session) -> None:
    case = session.case
    assert case is not None
    assert case.report is not None
    axial, coronal = (made_study.named(session, name) for name in (made_study.AXIAL, made_study.CORONAL))
    mention = case.report.figures[1].caption.mentions[0]  # a coronal picture
    place = place_of(case, mention, axial.id)
    assert place is not None
    assert place.series_id == coronal.id
    finding = case.add_finding(mention.concept)
    case.link(finding, mention)
    for series, size in ((axial, 6), (coronal, 2)):  # more of it is drawn on the other series
        mask = np.zeros(series.grid.shape, bool)
        mask[1, :size, :size] = True
        case.set_mask(case.add_region(finding, series.id), mask)
    place = place_of(case, mention, axial.id)
    assert place is not None
    assert (place.series_id, place.k) == (coronal.id, 1)


def test_next_goes_to_what_is_to_do_and_around_the_end(session: Session) -> None:
    case = session.case
    assert case is not None
    todo = [mention.id for mention in case.todo]
    assert len(todo) == 3
    assert next_mention(case, todo[-1]) == todo[0]
    assert next_mention(case, todo[0], -1) == todo[-1]
    case.set_mention_state(todo[1], "not drawn", "not visible")
    assert next_mention(case, todo[0]) == todo[2]
    assert next_mention(case, None) == todo[0]
