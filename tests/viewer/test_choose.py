from __future__ import annotations

from dataclasses import replace

import made_study
import numpy as np
import pytest

from callout.reports import CaptionView
from callout.volume import Series
from napari_callout.session import Session
from napari_callout.session.choose import best_series, largest_slice, place_of, views_of
from napari_callout.session.selection import next_mention


def of(session: Session, **facts: object) -> Series:
    return replace(made_study.named(session, made_study.AXIAL), **facts)  # type: ignore[arg-type]


def test_the_plane_of_a_caption_decides_between_series(session: Session) -> None:
    found = best_series(session.series, [CaptionView("CT", "coronal")], None)
    assert found is made_study.named(session, made_study.CORONAL)


def test_the_series_on_the_screen_stays_where_it_is_as_good(session: Session) -> None:
    one, two = of(session, id="one"), of(session, id="two")
    assert best_series([one, two], [CaptionView("CT", "axial")], "two") is two
    assert best_series([one, two], [CaptionView("CT", "axial")], None) is one


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (CaptionView("MR", "axial", "T1", None, "post-contrast"), "t1 after"),
        (CaptionView("MR", "axial", "T1", None, "pre-contrast"), "t1 before"),
        (CaptionView("MR", "axial", "STIR"), "stir"),
        (CaptionView("MR", None, "scout"), "scout"),
        (CaptionView("CT", "axial"), "ct"),
        (CaptionView("MR", "axial", "T1", None, "portal venous"), "t1 after"),
    ],
)
def test_sequence_contrast_and_scout(session: Session, view: CaptionView, wanted: str) -> None:
    series = [
        of(session, id="scout", modality="MR", is_localizer=True),
        of(session, id="ct"),
        of(session, id="t1 before", modality="MR", sequence="T1", contrast="pre-contrast"),
        of(session, id="t1 after", modality="MR", sequence="T1", contrast="post-contrast"),
        of(session, id="stir", modality="MR", sequence="STIR"),
    ]
    found = best_series(series, [view], None)
    assert found is not None
    assert found.id == wanted


def test_no_series_no_place() -> None:
    assert best_series([], [CaptionView("CT")]) is None


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


def test_a_view_takes_the_modality_the_body_adds(session: Session) -> None:
    case = session.case
    assert case is not None
    assert case.report is not None
    figure = case.report.figures[1]
    views = views_of(figure)
    assert [view.plane for view in views] == ["coronal"]
    assert views[0].modality == "CT"


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
