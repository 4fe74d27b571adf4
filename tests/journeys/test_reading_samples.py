"""Journeys (e) and (f): both samples are read in the window, with mouse and keys alone, from images and report on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from reader import Done, Reader

import callout

HUNG = {
    "1": [("LOCALIZER", "coronal"), ("LOCALIZER", "sagittal")],
    "2": [("COR T1 TSE", "coronal"), ("COR T1 TSE +C", "coronal")],
    "3": [("COR STIR", "coronal"), ("COR STIR +C", "coronal")],
    "4": [("SAG T2 TSE", "sagittal"), ("SAG STIR", "sagittal")],
    "5": [("AX T1 TSE +C", "axial"), ("AX STIR", "axial")],
}


def reopened(reader: Reader, path: Path, images: Path) -> Any:
    """The case, closed and opened again."""
    reader.open_study(images)
    assert reader.session.case is None
    return reader.open_case(path)


def in_slice(reader: Reader, centre: list[float]) -> tuple[int, float, float]:
    """The native (slice, row, column) of a point, LPS mm, in the series of the active view."""
    k, row, column = reader.session.shown_series.grid.indices([centre])[0]
    return round(k), row, column


def mark_picture(reader: Reader, done: Done) -> None:
    """Histology, which the report itself says is not drawn: an arrow on its picture does it, and its end is moved."""
    case = reader.session.case
    assert case.mention_state(case.mention("2:#1")) == ("not drawn", "histology")
    reader.click_chip("2:#1")
    assert reader.session.picture == "figure-2.png"
    reader.wait_drawn()
    reader.do("arrow")
    reader.drag(reader.view, reader.place(30, 40), reader.place(80, 120))
    reader.do("look")
    reader.drag(reader.view, reader.place(80, 120), reader.place(100, 60))
    assert np.allclose(case.marks[-1].points, [(40, 30), (60, 100)], atol=1)
    reader.do("undo")
    reader.do("redo")
    assert case.mention_state(case.mention("2:#1"))[0] == "draft"
    done.lesions.append(("2:#1", []))
    done.edits += 4


def test_the_thorax_is_read(reader: Reader, samples: Path, tmp_path: Path) -> None:
    sample, path, done = samples / "thorax", tmp_path / "chest.callout", Done()
    truth = {one["label"]: one for one in json.loads((sample / "truth.json").read_text())["findings"]}
    reader.open_study(sample / "images")
    case = reader.new_case(path, sample / "report.txt")
    assert reader.hang("1") == [("Chest 5.0 mm", "axial")]
    assert reader.hang("2") == [("figure-2.png", "picture")]  # histology: no series shows it
    reader.hang("1")
    reader.press("3")
    assert reader.host.room.window == (40.0, 400.0)
    visited = []
    for words, lesions in (
        ("1:1", ("cavitating lesion, right upper lobe", "cavitating lesion, left lower lobe")),
        ("1:2", ("ground glass, right middle lobe",)),
        ("1:3", ("consolidation, left lower lobe",)),
    ):
        if reader.session.selection.mention_id != case.mention(words).id:
            reader.do("next mention")
        visited.append(reader.session.selection.mention_id)
        for number, label in enumerate(lesions):
            k, row, column = in_slice(reader, truth[label]["centre_mm"])
            reader.go_to(k)
            if number:
                reader.do("next lesion")
            reader.lesion(done, (row - 4, column - 6), (row + 4, column + 6))
    assert visited == [case.mention(words).id for words in ("1:1", "1:2", "1:3")]
    reader.do("undo")
    assert len(case.findings) == len(done.lesions) - 1
    reader.do("redo")
    done.edits += 2  # the history keeps both
    assert not case.todo

    # words of the text speak of what is drawn already: linked by a key and its menu, and by a drag
    body = [one.id for one in case.mentions if one.id.startswith("body:") and one.concept == "consolidation"]
    reader.do("look")
    reader.click_chip(body[0])
    reader.do("links")
    reader.pick("consolidation")
    reader.carry_finding(case.findings[3].id, body[1])
    done.links += [(3, body[0]), (3, body[1])]
    done.edits += 2
    mark_picture(reader, done)

    reader.hang("1")
    reader.go_to(24)
    here = (reader.session.series_id, 24)
    assert reader.make_panel(done, "1", "replace panel") == [here]
    assert reader.make_panel(done, "1") == [here, here]
    where = reader.session.series_id, reader.session.k, reader.session.selection.mention_id
    assert reader.troubles == []

    again = reopened(reader, path, sample / "images")
    assert (reader.session.series_id, reader.session.k, reader.session.selection.mention_id) == where
    done.check(again)
    assert list(again.recipes) == ["1"]
    with callout.open_case(path, read_only=True) as read:
        assert [edit.reader for edit in read.history] == ["reader"] * done.edits


def test_the_spine_is_read(reader: Reader, samples: Path, tmp_path: Path) -> None:
    sample, path, done = samples / "spine", tmp_path / "spine.callout", Done()
    truth = json.loads((sample / "truth.json").read_text())
    reader.open_study(sample / "images")
    case = reader.new_case(path, sample / "report.txt")
    assert {label: reader.hang(label) for label in HUNG} == HUNG
    assert reader.host.room.grid.panes[1].isVisible()

    reader.hang("4")
    reader.do("levels")
    for name in ("L3", "L2", "L1", "L4", "L5"):
        reader.click(reader.view, reader.place_of(truth["body_centres_mm"][name]))
        if name == "L3":
            reader.type("L3")
            reader.press("Return")
        done.edits += 1
    reader.do("look")
    series_id = reader.session.series_id
    assert case.numbering_of(series_id).names == ("L1", "L2", "L3", "L4", "L5")

    reader.hang("5")  # nothing is drawn yet: the level that its caption names
    for view in (0, 1):
        assert "L2–L3" in reader.host.room._scene(view, reader.view.extent).corners.top_right

    todo = [mention.id for mention in case.todo]
    visited = []
    reader.hang("1")
    for _ in todo:
        reader.do("next mention")
        reader.wait_drawn()
        mention = case.mention(str(reader.session.selection.mention_id))
        visited.append(mention.id)
        label, shown = mention.id.partition(":")[0], reader.session.shown_series
        assert (shown.description, shown.plane) in HUNG[label]
        assert reader.session.figure == label
        read_in_the_spine(reader, done, mention)
    assert visited == todo
    done.not_drawn["4:#2"] = "descriptor"  # “altered signal intensity” is no finding: said before anyone came
    assert [text for text in reader.troubles if "localizer" not in text] == []

    reader.hang("2")
    pair = [(one.series_id, reader.session.views.plane_of(one).k) for one in reader.session.views.looks]
    assert reader.make_panel(done, "2") == [*pair, pair[0]]  # behind those that are proposed
    reader.do("next view")
    assert reader.make_panel(done, "2") == [*pair, *pair]

    again = reopened(reader, path, sample / "images")
    done.check(again)
    assert list(again.recipes) == ["2"]
    assert again.numbering_of(series_id).names == ("L1", "L2", "L3", "L4", "L5")
    for one in again.vertebrae_of(series_id):
        assert abs(one.point[2] - truth["body_centres_mm"][one.name][2]) < 3


def read_in_the_spine(reader: Reader, done: Done, mention: Any) -> None:
    """Draw the mass once in each plane and link the other words to it; what can't be seen is not drawn."""
    _, rows, columns = reader.session.shown_series.grid.shape
    middle = (rows / 2, columns / 2)
    if mention.concept == "nerve-root compression" or mention.id == "3:#2":
        reader.do("look")
        reader.leave_out(done, 2, "not visible")
    elif not done.lesions:
        reader.lesion(done, middle, (middle[0] + 8, middle[1] + 8))
    else:
        reader.do("links")
        reader.pick("left soft-tissue mass")
        done.links.append((0, mention.id))
        done.edits += 1
        if mention.id in ("2:#1", "4:#1"):  # the same lesion, seen in another series
            reader.do("brush")
            done.lesions[0][1].append(reader.stroke(middle, (middle[0] + 8, middle[1] + 8)))
            done.edits += 1
