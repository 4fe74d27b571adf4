"""Strokes of napari's own Labels layer, without any window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import made_study
import numpy as np
import pytest
from napari.components import ViewerModel

import callout
from callout.case import Case
from callout.dicom import load
from callout.errors import EditRefused
from callout.masks.stroke import Bits
from napari_callout.host.stage import Stage
from napari_callout.session import Session


def stage_of(session: Session) -> Stage:
    """The shown series on a viewer model."""
    series = session.shown_series
    assert series is not None
    stage = Stage(ViewerModel())
    stage.show(series, load(series).voxels, (0.0, 1000.0), session.k, session)
    session.chosen.connect(lambda _: stage.follow(session.drawing))
    session.edited.connect(lambda: (stage.follow(session.drawing), stage.redraw()))
    return stage


def case_of(session: Session) -> Case:
    assert session.case is not None
    return session.case


@contextmanager
def stroke(session: Session) -> Iterator[None]:
    session.begin_stroke()
    yield
    session.commit_stroke()


def paint(stage: Stage, k: int, *at: tuple[int, int], label: int | None = None) -> None:
    """Dabs of napari's brush on native slice k, at (row, column)."""
    assert stage.labels is not None
    assert stage.order is not None
    for row, column in at:
        place = stage.order.index_to_display((k, row, column))
        stage.labels.paint(place, stage.labels.selected_label if label is None else label)


def mask(session: Session) -> Bits:
    return case_of(session).mask(case_of(session).regions[0])


@pytest.mark.parametrize("mention", ["1:1", "2:arrow"])
def test_the_first_stroke_makes_finding_region_and_link_as_one_edit(session: Session, mention: str) -> None:
    case = case_of(session)
    session.choose_mention(mention)
    stage = stage_of(session)
    stage.set_brush(4.0, "paint")
    assert (case.findings, case.history) == ((), ())
    with stroke(session):
        paint(stage, 2, (20, 18), (20, 22))
        assert session.saved == "drawing"
        assert case.history == ()
    words = case.mention(mention)
    assert len(case.history) == 1
    assert [(f.concept, f.laterality, f.site) for f in case.findings] == [(words.concept, words.laterality, words.site)]
    assert [link.mention_id for link in case.links] == [words.id]
    assert case.regions[0].series_id == session.series_id
    drawn = mask(session)
    assert drawn[2, 20, 18]
    assert drawn[2, 20, 22]
    assert not drawn[[0, 1, 3, 4, 5]].any()
    assert case.history[0].tool == "paint"
    assert session.saved.startswith("saved")


def test_the_picture_lies_where_its_voxels_do(session: Session) -> None:
    session.choose_mention("2:arrow")
    stage = stage_of(session)
    assert stage.image is not None
    assert stage.order is not None
    assert stage.voxels is not None
    assert np.shares_memory(stage.image.data, stage.voxels)
    assert stage.viewer.dims.order == (1, 0, 2)
    assert stage.native_at(0.8 * 5, 0.8 * 7) == (session.k, 5, 7)
    assert (stage.image.scale > 0).all()


def test_undo_and_redo_are_the_cases(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    with stroke(session):
        paint(stage, 3, (20, 20))
    before = mask(session)
    with stroke(session):
        paint(stage, 3, (30, 20))
    session.undo()
    assert np.array_equal(mask(session), before)
    assert stage.labels is not None
    assert np.count_nonzero(np.asarray(stage.labels.data)) == before.sum()
    session.undo()
    assert case_of(session).findings == ()
    assert not np.asarray(stage.labels.data).any()
    session.redo()
    assert np.array_equal(mask(session), before)
    assert np.count_nonzero(np.asarray(stage.labels.data)) == before.sum()
    with stroke(session):
        paint(stage, 3, (10, 10))
    assert mask(session)[3, 10, 10]
    assert len(case_of(session).findings) == 1


def test_colours_are_given_to_the_layer_only_where_they_change(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    assert stage.labels is not None
    before = stage.labels.colormap
    with stroke(session):
        paint(stage, 3, (20, 20))
    assert stage.labels.colormap is before
    session.choose_mention("1:2")
    assert stage.labels.colormap is not before


def test_what_excludes_another_takes_from_it_with_naparis_brush_too(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(8.0, "paint")
    with stroke(session):
        paint(stage, 3, (20, 20))
    first = mask(session)
    session.choose_mention("1:2")
    with stroke(session):
        paint(stage, 3, (22, 20))
    second = case.mask(case.regions[1])
    assert second[3, 22, 20]
    assert np.array_equal(mask(session), first & ~second)
    assert len(case.history) == 2
    session.undo()
    assert np.array_equal(mask(session), first)


def test_overlap_stays_beneath_also_under_the_eraser(session: Session) -> None:
    case = case_of(session)
    case.exclude("cavity", "ground-glass opacity", on=False)
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(8.0, "paint")
    with stroke(session):
        paint(stage, 3, (20, 20))
    first = mask(session)
    session.choose_mention("1:2")
    with stroke(session):
        paint(stage, 3, (22, 20))
    second = case.mask(case.regions[1])
    assert (first & second).any()
    assert np.array_equal(mask(session), first)
    stage.set_brush(8.0, "erase")
    with stroke(session):
        paint(stage, 3, (20, 20), label=0)
    assert np.array_equal(mask(session), first)
    assert case.mask(case.regions[1]).sum() < second.sum()
    labels = np.asarray(stage.labels.data) if stage.labels else np.zeros(1)
    assert len(np.unique(labels)) == 3


def test_the_brush_is_laid_down_when_another_series_comes(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(4.0, "paint")
    session.choose_mention("2:arrow")
    series = session.shown_series
    assert series is not None
    stage.clear()
    stage.show(series, load(series).voxels, (0.0, 1000.0), session.k, session)
    assert stage.mode == "pan_zoom"


def test_another_lesion_of_the_same_words(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    stage = stage_of(session)
    with stroke(session):
        paint(stage, 3, (15, 15))
    session.next_lesion()
    with stroke(session):
        paint(stage, 3, (30, 25))
    assert [finding.label for finding in case.findings] == ["cavitating lesion", "cavitating lesion 2"]
    assert {link.mention_id for link in case.links} == {case.mention("1:1").id}
    assert session.selection.finding(case) == case.findings[1]
    with stroke(session):
        paint(stage, 3, (30, 28))
    assert len(case.findings) == 2


def test_a_second_series_gets_a_region_of_its_own(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    with stroke(session):
        paint(stage_of(session), 3, (15, 15))
    session.show_series(made_study.named(session, made_study.CORONAL).id)
    stage = stage_of(session)
    with stroke(session):
        paint(stage, 2, (15, 15))
    assert len(case.findings) == 1
    assert [r.series_id for r in case.regions] == [
        made_study.named(session, made_study.AXIAL).id,
        made_study.named(session, made_study.CORONAL).id,
    ]


def test_without_a_choice_nothing_is_drawn(session: Session) -> None:
    stage = stage_of(session)
    assert stage.labels is not None
    assert not stage.labels.editable
    with pytest.raises(EditRefused, match="choose the words"):
        session.begin_stroke()
    with pytest.raises(EditRefused):
        stage.labels.data[3, 4, 5] = 7
    assert case_of(session).history == ()


def test_a_stroke_on_a_series_that_is_gone_is_refused(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    session.show_series(made_study.named(session, made_study.CORONAL).id)
    with pytest.raises(EditRefused, match="another series"):
        paint(stage, 3, (15, 15))
    assert case_of(session).history == ()


def test_choosing_something_else_keeps_what_was_drawn(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    session.begin_stroke()
    paint(stage, 3, (15, 15))
    session.choose_mention("1:2")
    assert mask(session)[3, 15, 15]


def test_turning_to_another_study_keeps_what_was_drawn(session: Session) -> None:
    session.choose_mention("1:1")
    stage, path = stage_of(session), case_of(session).path
    session.begin_stroke()
    paint(stage, 3, (15, 15))
    session.take_study(session.series)
    with callout.open_case(path, read_only=True) as case:
        assert case.mask(case.regions[0])[3, 15, 15]


def test_opening_the_open_case_again_leaves_it_as_it_is(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    session.open_case(case.path)
    assert session.case is case
    assert (session.refusal(), session.band) == ("", "")


def test_undo_while_the_hand_draws_takes_back_that_stroke_alone(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(2.0, "paint")
    with stroke(session):
        paint(stage, 3, (15, 15))
    before = mask(session)
    with stroke(session):
        paint(stage, 3, (25, 15))
        session.undo()
        assert np.array_equal(mask(session), before)
        paint(stage, 3, (30, 15), (30, 20))
    assert len(case_of(session).history) == 4  # of the drag: what was undone, its undo, and the rest
    assert mask(session)[3, 30, [15, 20]].all()
    assert not mask(session)[3, 25, 15]


def test_the_history_names_what_was_drawn_on_also_when_another_is_chosen_meanwhile(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    with stroke(session):
        paint(stage, 3, (15, 15))
        label = session.drawing.active_label if session.drawing else 0
        session.choose_mention("1:2")
        paint(stage, 3, (25, 15), label=label)
    assert [edit.summary for edit in case_of(session).history] == ["paint cavity", "paint cavitating lesion"]
    assert mask(session)[3, 25, 15]


def test_a_number_of_the_layer_chooses_its_finding_with_its_own_words(session: Session) -> None:
    session.choose_mention("1:1")
    with stroke(session):
        paint(stage_of(session), 3, (15, 15))
    label = session.drawing.active_label if session.drawing else 0
    session.choose_mention("1:2")
    assert session.choose_label(label)
    assert session.selection.mention_id == case_of(session).mention("1:1").id


def test_a_case_that_another_has_is_opened_to_look_only(session: Session) -> None:
    other = Session()
    other.open_case(case_of(session).path, "r2")
    assert "in use by r1" in other.band
    assert "look only" in other.title
    other.choose_mention("1:1")
    assert "look only" in other.refusal()
    other.close()


def test_a_finding_of_another_reader_is_not_drawn_on(session: Session) -> None:
    session.choose_mention("1:1")
    with stroke(session):
        paint(stage_of(session), 3, (15, 15))
    path = case_of(session).path
    session.close()
    session.open_case(path, "r2")
    session.choose_mention("1:1")
    assert "r1's finding" in session.refusal()


def test_what_the_case_refuses_is_told_and_not_drawn(session: Session) -> None:
    told: list[tuple[str, bool]] = []
    session.told.connect(lambda text, failed: told.append((text, failed)))
    session.choose_mention("1:1")
    stage = stage_of(session)
    session.begin_stroke()
    paint(stage, 3, (15, 15))
    case_of(session).read_only = True
    session.finish_stroke()
    assert told[-1][1]
    assert session.saved.startswith("not saved")
    assert stage.labels is not None
    assert not np.asarray(stage.labels.data).any()


def test_a_study_is_shown_and_asks_for_a_case(tmp_path: Path) -> None:
    one = Session()
    one.open_study([made_study.images(tmp_path)])
    assert one.shown_series is not None
    assert not one.shown_series.is_localizer
    assert "New case" in one.refusal()
    assert one.title == "Callout · a study without a case"
    told: list[str] = []
    one.told.connect(lambda text, _: told.append(text))
    assert not one.attempt(lambda: one.open_study([tmp_path / "nothing"]))
    assert len(told) == 1


def test_drawn_regions_are_there_when_the_case_is_opened_again(session: Session) -> None:
    session.choose_mention("1:1")
    with stroke(session):
        paint(stage_of(session), 3, (15, 15))
    drawn, path = mask(session), case_of(session).path
    session.close()
    with callout.open_case(path, read_only=True) as case:
        assert np.array_equal(case.mask(case.regions[0]), drawn)
