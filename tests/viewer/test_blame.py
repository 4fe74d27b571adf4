"""Who set the voxel under the cursor."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hands import at, drag, key, move, opened, pane
from qtpy.QtCore import Qt
from test_drawing import case_of, paint, stage_of, stroke

from napari_callout.session import Session
from napari_callout.session.blame import Blame, edit_text


def test_the_uppermost_region_s_last_edit_is_named(session: Session) -> None:
    case, blame = case_of(session), Blame()
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(2.0, "paint")
    with stroke(session):
        paint(stage, 3, (20, 20))
    session.tool = ("erase", {})
    with stroke(session):
        paint(stage, 3, (20, 21), label=0)
    session.tool = ("paint", {})
    with stroke(session):
        paint(stage, 3, (20, 21))
    session.choose_mention("1:2")
    with stroke(session):
        paint(stage, 3, (20, 25))
    drawing = session.drawing
    assert drawing is not None
    wanted = {(3, 20, 19): 1, (3, 20, 21): 3, (3, 20, 25): 4}
    for index, number in wanted.items():
        assert blame.words(drawing, index) == edit_text(case.history[number - 1])
    assert blame.words(drawing, (3, 5, 5)) == ""
    assert blame.words(drawing, (4, 20, 20)) == ""
    session.undo()
    blame.forget()
    assert blame.words(drawing, (3, 20, 25)) == ""
    session.hide_drawn(True)
    assert blame.words(drawing, (3, 20, 20)) == ""


def test_an_edit_in_words(session: Session) -> None:
    case_of(session).add_finding("cavity")
    made = case_of(session).history[0]
    here = datetime(2026, 11, 21, 14, 2).astimezone()
    edit = replace(made, time=here.isoformat(), tool="paint", reader="r1")
    assert edit_text(edit, here) == "r1, 21 Nov 14:02, brush"
    assert edit_text(replace(edit, tool=""), here.replace(year=2027)) == "r1, 21 Nov 2026 14:02"


def test_the_bottom_line_says_it_when_the_hand_rests(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (20, 14), (20, 26))
    line = host.hands.value
    move(pane(host), at(host, 20, 18))
    assert line.text().endswith("mm")
    assert "r1" not in line.text()
    qtbot.waitUntil(lambda: line.text().startswith(edit_text(case.history[0])), timeout=5000)
    assert "HU" in line.text()
    key(host, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "r1" not in line.text()
    qtbot.wait(400)
    assert "r1" not in line.text()
    host.session.go_to(host.session.k + 1)
    assert line.text().endswith(f"H {2.5 * host.session.k:.1f} mm")  # of the slice that is shown now
