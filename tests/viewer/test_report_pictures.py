"""Pictures of the report in views: hung with their figure, looked at, marked in their own pixels, linked and undone."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import picture_study
import pytest
from hands import CONTROL, LEFT, SHIFT, at, drag, key, move, opened, pane, scene, wait_drawn, wheel
from picture_study import CELLS, SKIN
from qtpy.QtCore import Qt

from callout.figures.pictured import stand_in_for
from callout.figures.recipe_file import from_toml
from callout.reports import Caption, CaptionView, Figure, Picture
from callout.reports.model import PanelSpan
from napari_callout.panes.pane import LOADING, Pane
from napari_callout.session import Session
from napari_callout.session.bookmark import keep_place
from napari_callout.session.look import is_picture, picture_id
from napari_callout.session.marks import KINDS
from napari_callout.session.pictures import Pictures
from napari_callout.session.report_pictures import hung_pictures, stack_of

KEYS = {
    "point": (Qt.Key.Key_X, SHIFT),
    "arrow": (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier),
    "calipers": (Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier),
    "diameters": (Qt.Key.Key_C, SHIFT),
    "ellipse": (Qt.Key.Key_E, SHIFT),
}


@pytest.fixture
def on_cells(host: Any, qtbot: Any, tmp_path: Path) -> Any:
    """The window with the picture of figure 2 hung, and its first mention chosen."""
    host.session.take_case(picture_study.case(tmp_path))
    wait_drawn(host, qtbot)
    host.session.hang("2")
    host.session.choose_mention("2:#1")
    wait_drawn(host, qtbot)
    return host


def test_a_figure_without_a_series_hangs_its_picture(on_cells: Any) -> None:
    host, shown = on_cells, scene(on_cells)
    assert (host.session.picture, host.session.series_id, len(host.session.views.looks)) == (CELLS, None, 1)
    assert np.array_equal(shown.greys, picture_study.colours(CELLS))
    assert shown.corners.unit == "px"
    assert shown.corners.edges == ("", "", "", "")
    assert "90 × 60 px" in shown.corners.top_left
    host.session.hang("3")  # its caption says nothing of a picture: what a series may show, and its own
    assert [is_picture(look.series_id) for look in host.session.views.looks] == [False, True]
    host.session.hang("1")
    assert host.session.picture is None


def test_it_is_looked_at_like_any_other(on_cells: Any) -> None:
    host = on_cells
    wheel(pane(host), 4, CONTROL)
    move(pane(host), at(host, 30, 45))
    assert host.session.views.look.zoom > 1.5
    assert host.hands.value.text() == "RGB 30 45 90    column 45  row 30 px"
    before = host.session.views.look
    wheel(pane(host), 1)
    assert host.session.views.look == before  # it has no slices
    host.session.views.change(0, inverted=True)
    assert np.array_equal(scene(host).greys, 255 - picture_study.colours(CELLS))


def test_each_mark_is_made_in_its_pixels_and_undone(on_cells: Any, qtbot: Any) -> None:
    host = on_cells
    case = host.session.case
    for number, (kind, (code, held)) in enumerate(KEYS.items(), 1):
        key(host, qtbot, code, held)
        drag(host, qtbot, (20, 30), (40, 70))
        mark = case.marks[-1]
        assert (mark.kind, mark.picture, mark.series_id, len(case.history)) == (kind, CELLS, None, number)
        if kind != "ellipse":
            wanted = [(70, 40)] if kind == "point" else [(30, 20), (70, 40)]
            assert np.allclose(mark.points[: len(wanted)], wanted, atol=0.5)
    assert len(case.findings) == len(case.links) == 1
    assert case.mention_state(case.mention("2:#1"))[0] == "draft"
    length = math.dist((20, 30), (40, 70))
    assert sum(f"{length:.0f}" in words.text and "px" in words.text for words in scene(host).words) >= 2
    assert not any("mm" in words.text for words in scene(host).words)
    for _ in KEYS:
        host.session.undo()
    assert case.marks == case.findings == case.links == ()


def test_an_angle_is_made_and_an_end_is_dragged(on_cells: Any, qtbot: Any) -> None:
    host = on_cells
    key(host, qtbot, Qt.Key.Key_G, SHIFT)
    drag(host, qtbot, (10, 40), (40, 40))
    qtbot.mouseClick(pane(host), LEFT, pos=at(host, 40, 70))
    case = host.session.case
    assert case.measures_of(case.marks[0]).angle_deg == pytest.approx(90, abs=2)
    key(host, qtbot, Qt.Key.Key_Escape)
    drag(host, qtbot, (40, 70), (10, 70))
    assert len(case.history) == 2
    assert case.measures_of(case.marks[0]).angle_deg == pytest.approx(45, abs=3)
    key(host, qtbot, Qt.Key.Key_Backspace)
    assert case.marks == ()


def test_it_becomes_a_panel_with_its_marks_and_is_shown_again(on_cells: Any, qtbot: Any) -> None:
    host = on_cells
    case = host.session.case
    key(host, qtbot, Qt.Key.Key_A)
    drag(host, qtbot, (20, 30), (40, 70))
    key(host, qtbot, Qt.Key.Key_F, SHIFT)
    qtbot.waitUntil(lambda: "2" in case.recipes, timeout=10_000)
    *_, panel = from_toml(case.recipes["2"]).panels
    assert panel.picture == CELLS
    assert [mark.kind for mark in panel.marks] == ["arrow", "callout"]
    assert np.allclose(panel.marks[0].points_px, [(30, 20), (70, 40)], atol=0.6)
    host.choose_mention("1:1")
    host.figures.choose("2")
    host.figures.show_panel(0)
    assert host.session.picture == CELLS


def test_regions_are_not_drawn_on_it(on_cells: Any, qtbot: Any) -> None:
    host = on_cells
    told = []
    host.session.told.connect(lambda text, problem: told.append(text))
    for code in (Qt.Key.Key_B, Qt.Key.Key_O, Qt.Key.Key_G):
        key(host, qtbot, code)
        assert host.session.armed == ""
    assert len(told) == 3
    assert all("marks" in text for text in told)
    assert host.session.case.history == ()


def test_by_hand_and_by_mention(host: Any, qtbot: Any, tmp_path: Path) -> None:
    host.session.take_case(picture_study.case(tmp_path))
    wait_drawn(host, qtbot)
    host.figures.choose("3")
    key(host, qtbot, Qt.Key.Key_V, SHIFT)
    assert host.session.picture == SKIN
    host.choose_mention("1:1")
    assert host.session.series_id is not None
    host.choose_mention("2:#1")
    assert host.session.picture == CELLS
    wait_drawn(host, qtbot)
    key(host, qtbot, Qt.Key.Key_A)
    drag(host, qtbot, (20, 30), (40, 70))
    host.choose_mention("1:1")
    host.choose_finding(host.session.case.findings[0].id)
    assert host.session.picture == CELLS
    assert any("arrow, Figure 2" in row.accessibleName() for row in host.findings.rows.values())


def test_a_mark_alone_is_gone_to(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_A)
    k = host.session.k
    drag(host, qtbot, (14, 12), (20, 24))
    assert len(case.marks) == 1
    host.session.go_to(k + 4)
    host.choose_mention("1:1")
    assert host.session.k == k


def test_it_hangs_again_where_one_was(tmp_path: Path) -> None:
    session = Session()
    session.take_case(picture_study.case(tmp_path))
    session.report_pictures.show(CELLS)
    keep_place(session)
    session.close()
    session.open_case(tmp_path / "a.callout")
    assert session.picture == CELLS
    session.views.update(session.series)  # images were found: what hangs is still known
    assert session.views.plane(0).shape == (60, 90)
    session.close()


def test_what_is_no_picture_is_told_and_left_out(tmp_path: Path) -> None:
    session, told = Session(), []
    session.take_case(picture_study.case(tmp_path))
    broken = Picture(CELLS, "image/png", b"\x89PNG\r\n\x1a\n and no more")
    case = session.case
    case._given = replace(case._given, pictures={**case.pictures, CELLS: broken})
    session.told.connect(lambda text, problem: told.append((text, problem)))
    session.hang("2")
    assert told
    assert all(problem for _, problem in told)
    assert session.picture is None
    session.close()


CT, CELL = CaptionView("CT", "axial"), CaptionView("histology")
ONE, TWO = (Picture(f"{n}.png", "image/png", b"") for n in "12")


@pytest.mark.parametrize(
    ("views", "pictures", "wanted"),
    [
        ((CT,), (ONE,), []),
        ((CELL,), (ONE,), [(0, "1.png")]),
        ((CT, CELL), (ONE, TWO), [(1, "2.png")]),
        ((CELL, CT), (ONE, TWO), [(0, "1.png")]),
        ((CT, CELL), (ONE,), [(1, "1.png")]),
        ((CELL, CELL), (ONE,), [(0, "1.png")]),
        ((CELL,), (ONE, TWO), [(0, "1.png"), (1, "2.png")]),
        ((), (ONE,), [(1, "1.png")]),
        ((), (ONE, TWO), [(1, "1.png"), (2, "2.png")]),
        ((CELL,), (), []),
    ],
)
def test_pictures_hang_for_the_views_that_no_series_shows(
    session: Session, views: Any, pictures: Any, wanted: Any
) -> None:
    assert hung_pictures(session.case, Figure("9", Caption("words", views=views), pictures)) == wanted


def test_the_words_of_a_panel_go_to_its_own_picture(session: Session) -> None:
    panels = (PanelSpan("a", 0, 20), PanelSpan("b", 20, 50))
    figure = Figure("9", Caption("x" * 50, views=(CELL, CELL), panels=panels), (ONE, TWO))
    mention = session.case.mention("1:1")
    assert stand_in_for(session.case, figure, replace(mention, start=22, end=22 + len(mention.text))) == "2.png"
    assert stand_in_for(session.case, figure, replace(mention, start=2, end=2 + len(mention.text))) == "1.png"


def test_a_picture_has_no_millimetres() -> None:
    stack = stack_of("a.png", "Figure 1", (4, 6, 3))
    assert not stack.is_measurable
    assert stack.id == picture_id("a.png")
    assert set(KEYS) | {"angle"} == set(KINDS)


def test_the_line_below_teaches_what_is_done_on_it(on_cells: Any, qtbot: Any) -> None:
    def taught() -> dict[str, str]:
        return dict(on_cells.hands._pairs)

    assert {"A", "C", "Ctrl+wheel"} <= taught().keys()
    assert not {"B", "wheel", "right drag"} & taught().keys()
    on_cells.session.hang("1")
    wait_drawn(on_cells, qtbot)
    assert {"B", "wheel"} <= taught().keys()
    key(on_cells, qtbot, Qt.Key.Key_B)
    on_cells.session.report_pictures.show(CELLS)
    wait_drawn(on_cells, qtbot)
    assert taught()["Drawing"] == "on slices as they were taken"


def test_marks_beside_a_region_are_told_with_it(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (20, 20), (24, 24))
    key(host, qtbot, Qt.Key.Key_C)
    drag(host, qtbot, (14, 12), (14, 24))
    [finding] = case.findings
    told = host.findings.rows[finding.id].accessibleName()
    assert "calipers 10 mm" in told or "calipers 9 mm" in told
    assert "ml" in told  # of the region


def test_it_stays_when_all_readers_are_shown(tmp_path: Path) -> None:
    session = Session()
    session.take_case(picture_study.case(tmp_path))
    session.report_pictures.show(CELLS)
    session.show_all_readers(True)
    assert session.picture == CELLS
    session.close()


def test_a_picture_is_read_beside_the_window_and_one_of_another_case_is_not_taken(tmp_path: Path) -> None:
    session, ended = Session(), []
    session.take_case(picture_study.case(tmp_path))
    session.report_pictures.post = ended.append
    session.report_pictures.show(CELLS)
    pane_of = Pane(session, Pictures(lambda *_: None), 0)
    errand = session.report_pictures._errands[CELLS]
    assert not session.report_pictures.here
    assert pane_of.scene((300, 200)).corners.middle == LOADING
    assert errand.wait(20)
    session.report_pictures.take(errand)
    assert ended == [errand]
    assert session.report_pictures.here
    assert np.array_equal(pane_of.scene((300, 200)).greys, picture_study.colours(CELLS))
    session.report_pictures.forget()
    session.report_pictures.take(errand)
    assert not session.report_pictures.is_here(CELLS)
    session.report_pictures.close()
    session.close()


def test_a_picture_that_ends_too_soon_is_told_in_its_view(host: Any, qtbot: Any, tmp_path: Path) -> None:
    told: list[str] = []
    case = picture_study.case(tmp_path)
    whole = case.pictures[CELLS].data
    broken = Picture(CELLS, "image/png", whole[: len(whole) // 2])  # its header is sound
    case._given = replace(case._given, pictures={**case.pictures, CELLS: broken})
    host.session.take_case(case)
    host.session.told.connect(lambda text, problem: told.append(text))
    host.session.report_pictures.show(CELLS)
    wait_drawn(host, qtbot)
    assert any("can't be read" in text for text in told)
    assert "can't be read" in scene(host).corners.middle
    key(host, qtbot, Qt.Key.Key_A)
    qtbot.mouseClick(pane(host), LEFT)
    assert case.marks == ()
