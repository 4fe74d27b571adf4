"""A figure hangs as its panels would be: the same series and slices, in order, at one zoom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callout.cli.demo import demo_case
from callout.figures.pictured import pictured
from callout.figures.propose import propose
from callout.figures.source import CaseSource
from napari_callout.session import Session
from napari_callout.session.choose import middle_of


@pytest.fixture(scope="module", params=["spine", "thorax"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    one = Session()
    one.take_case(demo_case(request.param, tmp_path_factory.mktemp("hang") / "a.callout"))
    yield one
    one.close()


def test_every_figure_hangs_as_it_would_be_printed(session: Session) -> None:
    case = session.case
    assert case is not None
    assert case.report is not None
    for figure in case.report.figures:
        if not pictured(case, figure):
            continue
        recipe = propose(case, figure.label, CaseSource(case))
        session.hang(figure.label)
        looks = [look for look in session.views.looks if look]
        printed = [panel.view for panel in recipe.panels if panel.view]
        assert [look.series_id for look in looks] == [view.series_id for view in printed]
        assert [session.views.plane_of(look).k for look in looks] == [view.slice for view in printed]
        assert len({look.field_mm for look in looks}) == 1


def test_a_figure_that_shows_no_series_says_so(session: Session) -> None:
    told: list[tuple[str, bool]] = []
    session.told.connect(lambda text, failed: told.append((text, failed)))
    session.hang("no such")
    assert told == [("no series fits what the caption of figure no such says", True)]


def test_three_planes_meet_in_what_is_chosen(session: Session) -> None:
    case = session.case
    assert case is not None
    region = max(case.regions, key=lambda one: case.region_mask(one).count)
    session.views.hang("1", [session.views.native(region.series_id, 0)])
    session.choose_finding(region.finding_id)
    series, finding = session.shown_series, session.selection.finding(case)
    assert series is not None
    through = middle_of(case, finding, series.id, session.k)
    assert through is not None
    session.views.three_planes(0, through)
    for view in range(3):
        plane = session.views.plane(view)
        assert plane is not None
        row, column, off = plane.places(through)[0]
        assert abs(off) <= 0.5
        assert case.mask(region.id)[plane.voxel(row, column)]
