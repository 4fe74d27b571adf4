"""A case opens where one was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_study
import pytest
from hands import opened

from napari_callout.session import Session
from napari_callout.session.bookmark import bookmarks_file, keep_place
from napari_callout.session.look import Look


def again(session: Session) -> Session:
    assert session.case is not None
    path = session.case.path
    session.close()
    session.open_case(path)
    return session


def test_layout_slices_zoom_and_choice_come_back(session: Session) -> None:
    axial, coronal = made_study.named(session, made_study.AXIAL), made_study.named(session, made_study.CORONAL)
    looks = [
        session.views.native(coronal.id, 2),
        replace(session.views.native(axial.id, 7), zoom=2.0, pan_mm=(3.0, 4.0)),
    ]
    session.views.hang("2", looks, 1)
    session.choose_mention("1:2", go=False)
    chosen = session.selection
    keep_place(session)
    again(session)
    assert (session.views.layout, session.views.active, session.views.looks) == ("2", 1, looks)
    assert session.selection == chosen
    assert (session.series_id, session.k) == (axial.id, 7)


def bad_looks(session: Session) -> list[Any]:
    good = session.views.native(session.series[0].id, 0)
    fields = {name: getattr(good, name) for name in Look.__dataclass_fields__}
    wrong: list[dict[str, Any]] = [
        {"series_id": "gone"}, {"at": 10_000}, {"at": -1}, {"at": 1.5}, {"axis": 7}, {"zoom": 1e9},
        {"zoom": float("nan")},
        {"pan_mm": [1]}, {"pan_mm": "ab"}, {"field_mm": [0, 5]}, {"slab_mm": -1}, {"slab_mm": float("inf")},
        {"projection": "sum"}, {"minus": "gone"}, {"more": 1}, {"series_id": None},
    ]  # fmt: skip
    return [None, 5, [], {}, *({**fields, **one} for one in wrong)]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": 5}'])
def test_a_file_that_is_no_list_of_places_is_passed_over(session: Session, content: bytes) -> None:
    bookmarks_file().parent.mkdir(parents=True, exist_ok=True)
    bookmarks_file().write_bytes(content)
    again(session)
    assert session.selection.mention_id is not None  # as where nothing is known


def test_what_does_not_fit_is_left_out(session: Session) -> None:
    assert session.case is not None
    path = str(Path(session.case.path).absolute())
    looks = bad_looks(session)
    bookmarks_file().parent.mkdir(parents=True, exist_ok=True)
    for layout, look in [*(("2", look) for look in looks), ([], None), ({}, None)]:
        place = {"layout": layout, "active": 9, "looks": [look], "mention": 5, "finding": [1]}
        bookmarks_file().write_text(json.dumps({path: place}), encoding="utf-8")
        again(session)
        assert session.views.layout == "1"
        assert session.shown_series is not None


def test_the_window_keeps_the_place_by_itself(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.session.views.arrange("2")
    host.session.go_to(2)
    shown = host.session.views.looks
    qtbot.waitUntil(lambda: bookmarks_file().exists() and '"at"' in bookmarks_file().read_text(), timeout=5000)
    qtbot.wait(1200)
    other = Session()  # as after a crash: nothing was closed
    other.open_case(case.path, reader="r2")
    assert other.views.looks == shown
    other.close()
