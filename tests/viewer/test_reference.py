"""What a finding is measured on, chosen in its menu and told beside it."""

from __future__ import annotations

from typing import Any

import made_study
import numpy as np
import pytest

from callout.case import Finding
from napari_callout.panes.pane import elsewhere
from napari_callout.session import Session
from napari_callout.session.choose import place_of_regions
from napari_callout.session.links import measured_on, references_for
from napari_callout.session.sizes import Sizes, size_text


@pytest.fixture
def finding(session: Session) -> Finding:
    """On two series: larger on the axial one."""
    case = session.case
    assert case is not None
    made = case.add_finding("nodule")
    for name, size in ((made_study.AXIAL, 5), (made_study.CORONAL, 3), (made_study.SCOUT, 1)):
        series = made_study.named(session, name)
        mask = np.zeros(series.grid.shape, bool)
        mask[:size, 5:15, 5:25] = True
        case.set_mask(case.add_region(made, series.id), mask)
    return made


def test_the_size_beside_a_finding_is_that_of_its_reference(session: Session, finding: Finding) -> None:
    case = session.case
    assert case is not None
    axial, coronal = (made_study.named(session, name) for name in (made_study.AXIAL, made_study.CORONAL))
    sizes = Sizes()

    def text(shown: str | None = None) -> str:
        one = case.findings[0]
        for region in case.regions:
            sizes.of(case, region)
            work = sizes._work[region.id].result
            work.result()
        return size_text(case, one, sizes, shown)

    assert "series 3 · axial, and on 2 more" in text()
    assert "4 · coronal" in text(coronal.id)
    assert measured_on(case, finding.id, coronal.id) == "nodule is measured on 4 · coronal now"
    assert "series 4 · coronal, its reference, and on 2 more" in text()
    assert "its reference" in text(axial.id)
    assert text(axial.id).endswith("ml")
    assert "; here 18 × 9 mm · 1.6 ml" in text(axial.id)
    assert [choice.linked for choice in references_for(case, finding.id)] == [False, False, True]
    regions = [one for one in case.regions if one.finding_id == finding.id]
    place = place_of_regions(case, regions)
    assert place is not None
    assert place.series_id == coronal.id
    measured_on(case, finding.id, "")
    assert "its reference" not in text()
    sizes.close()


def test_the_largest_is_what_measure_calls_so(session: Session) -> None:
    """Which has more volume, not the larger box."""
    case = session.case
    assert case is not None
    made, sizes = case.add_finding("nodule"), Sizes()
    axial, coronal, scout = (
        made_study.named(session, name) for name in (made_study.AXIAL, made_study.CORONAL, made_study.SCOUT)
    )
    for series, small in ((axial, True), (coronal, False), (scout, False)):
        mask = np.zeros(series.grid.shape, bool)
        mask[0, 5:25, 5:25] = True
        if small:  # a large box with little in it
            mask[:] = False
            mask[0, 0, 0] = mask[-1, 40, 30] = True
        case.set_mask(case.add_region(made, series.id), mask)
    for region in case.regions:
        sizes.of(case, region)
        sizes._work[region.id].result.result()
    for shown in (None, scout.id):
        assert "series 4 · coronal, and on 2 more" in size_text(case, made, sizes, shown)
    assert "series 3 · axial" in size_text(case, made, sizes, axial.id)
    sizes.close()


def test_the_menu_offers_what_it_can_be_measured_on(host: Any, qtbot: Any, tmp_path: Any) -> None:
    from qtpy.QtWidgets import QMenu

    host.session.take_case(made_study.case(tmp_path))
    session, case = host.session, host.session.case
    one = case.add_finding("nodule")
    for name in (made_study.AXIAL, made_study.CORONAL):
        series = made_study.named(session, name)
        region = case.add_region(one, series.id)
        case.set_mask(region, np.ones(series.grid.shape, bool))
    session.edited.emit()
    host.choose_finding(one.id)
    row = host.findings.rows[one.id]
    host.reading.finding_menu(one.id, row.menu_place())
    menu = next(w for w in host.shell.main_window.findChildren(QMenu) if w.isVisible())
    measured = next(action.menu() for action in menu.actions() if action.text() == "&Measured on")
    assert [action.text() for action in measured.actions()] == [
        "Its largest region", "3 · axial, axial", "4 · coronal, coronal",
    ]  # fmt: skip
    assert measured.actions()[0].isChecked()
    measured.actions()[2].trigger()
    menu.close()
    assert case.findings[0].reference == made_study.named(session, made_study.CORONAL).id
    qtbot.waitUntil(
        lambda: any(
            "its reference" in line for line in (host.findings.rows[one.id]._words_shown or ("", "", "", ()))[3]
        )
    )
    session.undo()
    assert case.findings[0].reference is None


def test_what_cuts_other_series_is_the_reference(session: Session, finding: Finding) -> None:
    case = session.case
    assert case is not None
    scout, coronal = (made_study.named(session, name) for name in (made_study.SCOUT, made_study.CORONAL))
    other = case.add_finding("nodule")
    for region in case.regions:
        if region.series_id != scout.id:
            case.set_mask(case.add_region(other, region.series_id), case.mask(region))
    assert [home.description for _, home in elsewhere(case, scout)] == [made_study.AXIAL]
    case.measure_on(other, coronal.id)
    assert [home.description for _, home in elsewhere(case, scout)] == [made_study.CORONAL]
