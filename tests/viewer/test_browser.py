"""The study browser: rows that say what each series is, to click, to reach by keys, and to drag into a view."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_series
import made_study
import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QWidget

from callout.dicom import scan
from napari_callout.qt.pane import SERIES_MIME
from napari_callout.qt.series import MOST_SHOWN, SeriesView
from napari_callout.session.rows import SeriesRow, series_rows, study_headings
from napari_callout.session.thumbnails import Thumbnail, thumbnail_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: Any) -> Any:
    one = SeriesView()
    qtbot.addWidget(one)
    one.resize(290, 700)
    one.show()
    one.activateWindow()
    qtbot.waitUntil(one.isActiveWindow)
    return one


def words(widget: QWidget) -> str:
    return "\n".join(x.text() for x in widget.findChildren(QLabel) if x.isVisible()).replace("\N{NO-BREAK SPACE}", " ")


def phases(folder: Path, count: int) -> Path:
    """One DICOM series of several phases at the same places."""
    for phase in range(count):
        made_series.series(
            folder,
            3,
            made_series.setting(
                SeriesInstanceUID=made_series.uid("phases"),
                TemporalPositionIdentifier=phase + 1,
                AcquisitionNumber=phase + 1,
            ),
            name=f"phase{phase}",
        )
    return folder


def test_a_row_is_chosen_by_click_and_by_key_and_keeps_the_focus(view: Any, qtbot: Any, tmp_path: Path) -> None:
    series = scan([made_study.images(tmp_path)]).series
    shown = [series[0].id]
    chosen: list[str] = []

    def choose(series_id: str) -> None:
        chosen.append(series_id)
        view.show_rows(series_rows(series, None, series_id))

    view.chosen.connect(choose)
    view.show_rows(series_rows(series, None, shown[0]))
    cards = dict(view.rows)
    qtbot.mouseClick(view.rows[series[2].id], LEFT)
    assert chosen == [series[2].id]
    first = view.rows[series[0].id]
    first.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert view.rows[series[1].id].hasFocus()
    qtbot.keyClick(view.rows[series[1].id], Qt.Key.Key_Return)
    assert chosen[-1] == series[1].id
    assert view.rows == cards
    assert view.rows[series[1].id].hasFocus()
    assert view.rows[series[1].id].property("chosen")
    assert not view.rows[series[2].id].property("chosen")


def test_studies_are_told_apart_by_date_and_patients_by_number(view: Any, tmp_path: Path) -> None:
    for name, date, patient in (("a", "20240102", "P1"), ("b", "20250304", "P1"), ("c", "", "P2")):
        change = made_series.setting(
            StudyDate=date, StudyInstanceUID=made_series.uid("study", name), PatientID=patient, StudyDescription="MRI"
        )
        made_series.series(tmp_path, 2, change, name=name)
    series = scan([tmp_path]).series
    assert sorted(study_headings(series).values()) == [
        "2024-01-02 · patient 2 · MRI",
        "2025-03-04 · patient 2 · MRI",
        "no date · patient 1 · MRI",
    ]
    assert study_headings(series[:1]) == {}
    view.show_rows(series_rows(series, None, None))
    assert "2025-03-04" in words(view)
    assert "P1" not in words(view)


def test_a_localizer_a_single_image_and_a_warning_are_said(view: Any, tmp_path: Path) -> None:
    made_study.images(tmp_path)
    made_series.series(tmp_path / "images", 6, made_series.setting(), name="gap")
    (tmp_path / "images" / "gap-2.dcm").unlink()
    series = scan([tmp_path]).series
    view.show_rows(series_rows(series, None, None))
    scout = next(one for one in series if one.is_localizer)
    assert "1 image" in words(view.rows[scout.id])
    assert "localizer" in words(view.rows[scout.id])
    axial = next(one for one in series if one.description == made_study.AXIAL)
    assert "localizer" not in words(view.rows[axial.id])
    gap = next(one for one in series if one.description == "series gap")
    assert "⚠" in words(view.rows[gap.id])
    assert "gap" in view.rows[gap.id].accessibleName()


def test_phases_are_folded_and_what_is_shown_is_seen(view: Any, qtbot: Any, tmp_path: Path) -> None:
    series = scan([phases(tmp_path, 5)]).series
    assert len(series) == 5
    view.show_rows(series_rows(series, None, series[3].id))
    assert list(view.rows) == [series[0].id, series[3].id]
    assert "⚠" not in words(view)  # that the series was split is no cause for worry
    (fold,) = [button for button in view.findChildren(QPushButton) if button.isVisible()]
    assert "3 more" in fold.text()
    qtbot.mouseClick(fold, LEFT)
    assert list(view.rows) == [one.id for one in series]
    view.show_rows(series_rows(series, None, series[1].id))
    assert list(view.rows) == [one.id for one in series]


def test_a_long_list_is_shown_in_parts_and_up_to_what_is_shown(view: Any, qtbot: Any) -> None:
    def rows(shown: int) -> list[SeriesRow]:
        return [SeriesRow(f"s{n}", f"series {n}", "", (), 0, n == shown, "", f"d{n}") for n in range(MOST_SHOWN + 30)]

    view.show_rows(rows(0))
    assert len(view.rows) == MOST_SHOWN
    view.show_rows(rows(MOST_SHOWN + 9))
    assert len(view.rows) == MOST_SHOWN + 10
    (more,) = [button for button in view.findChildren(QPushButton) if button.isVisible()]
    assert "20 more" in more.text()
    qtbot.mouseClick(more, LEFT)
    assert len(view.rows) == MOST_SHOWN + 30


def test_what_was_refused_says_why_and_can_not_be_chosen(view: Any, qtbot: Any, tmp_path: Path) -> None:
    made_series.series(tmp_path, 3, name="good")
    made_series.series(tmp_path, 2, made_series.setting(PixelSpacing=[0, 0]), name="<b>bad")
    found = scan([tmp_path])
    refused = [one for one in found.skipped if one.kind == "refused"]
    rows = series_rows(found.series, None, None, refused=refused)
    assert [row.series_id for row in rows] == [found.series[0].id, *[""] * len(refused)]
    view.show_rows(rows)
    assert "Not opened" in words(view)
    assert "<b>bad-0.dcm" in words(view)
    assert list(view.rows) == [found.series[0].id]
    many = series_rows((), None, None, refused=refused * 20)
    assert "more" in many[-1].title
    assert len(many) < 20


def test_pictures_come_later_and_stay(view: Any, tmp_path: Path) -> None:
    series = scan([made_study.images(tmp_path)]).series
    view.show_rows(series_rows(series, None, series[0].id))
    view.show_thumbnail(series[1].id, thumbnail_of(series[1]))
    view.show_thumbnail(series[2].id, Thumbnail(np.zeros((0, 0), np.uint8), "the file is cut"))
    assert view.rows[series[0].id].picture.pixmap().isNull()
    assert not view.rows[series[1].id].picture.pixmap().isNull()
    assert "the file is cut" in view.rows[series[2].id].picture.toolTip()
    view.show_rows(series_rows(series[:2], None, None))
    assert not view.rows[series[1].id].picture.pixmap().isNull()
    view.forget_thumbnails()
    view.show_rows(series_rows(series, None, None))
    assert view.rows[series[1].id].picture.pixmap().isNull()


class Place(QWidget):
    """Where a series can be dropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setMinimumWidth(300)
        self.dropped: list[str] = []

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's own name
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's own name
        self.dropped.append(bytes(event.mimeData().data(SERIES_MIME).data()).decode())
        event.acceptProposedAction()


def test_a_series_is_dragged_and_nothing_is_chosen_by_it(qtbot: Any, tmp_path: Path) -> None:
    if QApplication.platformName() == "offscreen":
        pytest.skip("nothing can be dragged without a screen")
    series = scan([made_study.images(tmp_path)]).series
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    view, place = SeriesView(window), Place(window)
    row.addWidget(view)
    row.addWidget(place)
    window.resize(700, 500)
    window.show()
    qtbot.waitExposed(window)
    view.show_rows(series_rows(series, None, series[0].id))
    view.show_thumbnail(series[1].id, thumbnail_of(series[1]))
    QApplication.processEvents()
    chosen: list[str] = []
    view.chosen.connect(chosen.append)
    drag(window, view.rows[series[1].id], place)
    qtbot.waitUntil(lambda: place.dropped == [series[1].id])
    assert chosen == []


def drag(window: QWidget, source: QWidget, target: QWidget) -> None:
    """Press on one widget of a window, and let go over another."""
    handle = window.windowHandle()
    start, end = (widget.mapTo(window, widget.rect().center()) for widget in (source, target))

    steps = (  # within the drag, which has a loop of its own
        lambda: QTest.mouseMove(handle, end),
        lambda: QTest.mouseMove(handle, end + QPoint(4, 4)),
        lambda: QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, end + QPoint(4, 4)),
    )
    for number, step in enumerate(steps, 1):
        QTimer.singleShot(80 * number, step)
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(handle, start + QPoint(QApplication.startDragDistance(), 5))
