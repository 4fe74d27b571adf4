"""Vertebrae that readers mark: seen in every series of the frame, one reader's each, kept, taken back, recovered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import made_cases
import pytest

import callout
from callout.case import Case, Vertebra
from callout.case.edits import Change
from callout.case.levels import frame_of
from callout.cli import main
from callout.errors import CaseDamaged, InputError

SPOTS = {"L3": (0.0, 1.0, 0.0), "L4": (0.0, 2.0, -36.5), "L5": (0.0, 3.0, -70.0)}


@pytest.fixture
def case(tmp_path: Path):
    with made_cases.two_series(tmp_path) as made:
        yield made


def mark_all(case: Case, **spots: tuple[float, float, float]) -> None:
    for name, point in (spots or SPOTS).items():
        case.mark_vertebra(name, point, case.series[0].id)


def test_marks_hold_in_every_series_of_the_frame_and_come_from_the_head(case: Case) -> None:
    for name in ("L5", "L3", "L4"):
        case.mark_vertebra(name.lower(), SPOTS[name], case.series[0].id)
    case.set_numbering(case.series[1].id, basis="counted up from S1", transitional="sacralised L5")
    assert [case.vertebrae_of(one.id) for one in case.series] == [tuple(Vertebra(*one) for one in SPOTS.items())] * 2
    numbering = case.numbering_of(case.series[0].id)
    assert numbering is not None
    assert (numbering.basis, numbering.transitional) == ("counted up from S1", "sacralised L5")
    assert (numbering.above("L3"), numbering.below("L5")) == ("L2", "S1")
    assert numbering.level_at((10.0, 0.0, -17.0)) == "L3-L4"
    before = case.numberings
    case.close()
    with callout.open_case(case.path, reader="r1") as again:
        assert again.numberings == before
        for _ in range(4):
            again.undo()
        assert again.numberings == ()
        for _ in range(4):
            again.redo()
        assert again.numberings == before
    with callout.open_case(case.path, at=2) as past:
        assert [one.name for one in past.vertebrae_of(past.series[0].id)] == ["L3", "L5"]


def test_marking_again_moves_and_the_history_says_what_was_done(case: Case) -> None:
    mark_all(case)
    where = case.series[0].id
    case.mark_vertebra("L4", (0.0, 0.0, -30.0), where)
    case.mark_vertebra("L4", (0.0, 0.0, -30.0), where)  # nothing new is no edit
    case.remove_vertebra("L3", where)
    case.renumber_vertebrae("L5", "S1", where)
    case.set_numbering(where, transitional="none")
    assert [edit.summary for edit in case.history[3:]] == [
        "move L4",
        "remove L3",
        "renumber L5 as S1, the others with it",
        "numbering: none",
    ]
    assert [one.name for one in case.vertebrae_of(where)] == ["L5", "S1"]


def test_what_can_not_be_right_changes_nothing(case: Case) -> None:
    mark_all(case)
    where, before, edits = case.series[0].id, case.numberings, len(case.history)
    for refused in (
        lambda: case.mark_vertebra("L2", (0, 0, -80), where),
        lambda: case.mark_vertebra("L7", (0, 0, -80), where),
        lambda: case.mark_vertebra("S1", (0, 0), where),
        lambda: case.mark_vertebra("S1", (0, 0, float("nan")), where),
        lambda: case.mark_vertebra("S1", (0, 0, -99), "no such series"),
        lambda: case.remove_vertebra("L1", where),
        lambda: case.renumber_vertebrae("L5", "C1", where),
        lambda: case.renumber_vertebrae("L1", "L2", where),
        lambda: case.set_numbering(where),
        lambda: case.set_numbering(where, transitional="odd"),
        lambda: case.set_numbering(where, transitional="four lumbar vertebrae"),
    ):
        with pytest.raises(InputError):
            refused()
    assert (case.numberings, len(case.history)) == (before, edits)


def test_a_series_without_a_frame_of_reference_stands_alone(case: Case) -> None:
    bare = [replace(one, grid=replace(one.grid, frame_of_reference_uid="")) for one in case.series]
    assert [frame_of(one) for one in bare] == [one.id for one in case.series]
    assert frame_of(case.series[0]) == frame_of(case.series[1])


def test_who_changes_anothers_numbering_has_one_of_their_own(case: Case) -> None:
    mark_all(case)
    case.set_numbering(case.series[0].id, basis="counted down from C2")
    case.close()
    with callout.open_case(case.path, reader="r2") as other:
        where = other.series[0].id
        assert len(other.vertebrae_of(where)) == 3
        other.mark_vertebra("L4", (0.0, 0.0, -30.0), where)
        assert [one.point[2] for one in other.vertebrae_of(where)] == [0.0, -30.0, -70.0]
        assert other.numbering_of(where).basis == "counted down from C2"
        assert other.history[-1].summary == "move L4, the numbering else as r1 has it"
        for name in SPOTS:
            other.remove_vertebra(name, where)
        assert other.vertebrae_of(where) == ()  # none of r1's come back
    with callout.open_case(case.path, reader="r1") as first:
        assert [one.point for one in first.vertebrae_of(first.series[0].id)] == list(SPOTS.values())


def test_blinded_readers_number_apart(tmp_path: Path) -> None:
    made = callout.create_case(tmp_path / "b.callout", made_cases.images(tmp_path), reader="r1", blinded=True)
    with made as case:
        mark_all(case)
    with callout.open_case(made.path, reader="r2") as case:
        assert case.vertebrae_of(case.series[0].id) == ()
        case.mark_vertebra("L4", (0.0, 0.0, 0.0), case.series[0].id)
        assert len(case.numberings) == 1
    with callout.open_case(made.path, reader="r1") as case:
        assert len(case.vertebrae_of(case.series[0].id)) == 3


def test_the_new_records_are_recovered_and_backed_up(case: Case, tmp_path: Path) -> None:
    mark_all(case)
    one, other = (series.id for series in case.series)
    case.set_shift(one, other, (1.5, 0.0, -2.0))
    case.exclude("cavity", "consolidation", on=False)
    finding = case.add_finding("nodule")
    case.add_mark(finding, "angle", [(1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)], series_id=one)
    case.backup(tmp_path / "copy.callout")
    case.close()
    recovered = callout.recover_case(case.path, tmp_path / "new.callout")
    assert (recovered.lost, recovered.notes) == (0, ())
    for path in ("copy.callout", "new.callout"):
        with callout.open_case(tmp_path / path) as again:
            assert [v.name for v in again.vertebrae_of(one)] == ["L3", "L4", "L5"]
            assert again.shift_of(one, other) == (1.5, 0.0, -2.0)
            assert not again.excludes("consolidation", "cavity")
            assert [mark.kind for mark in again.marks] == ["angle"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("numbering", {"frame_of_reference_uid": "1.2.3", "reader": "r1"}),
        ("numbering", {"frame_of_reference_uid": None, "reader": "r1"}),
        ("numbering", {"reader": "r1", "vertebrae": [{"name": "L9", "point": [0, 0, 0]}]}),
        ("numbering", {"reader": "r1", "vertebrae": [{"name": "L3", "point": [0, 0]}]}),
        ("numbering", {"reader": "r1", "vertebrae": [{"point": [0, 0, 0]}]}),
        ("numbering", {"reader": "r1", "vertebrae": 3}),
        ("numbering", {"reader": "r1", "basis": 3}),
        ("shift", {"minus": "1.2.3", "reader": "r1", "shift_mm": [0, 0, 0]}),
        ("shift", {"reader": "r1", "shift_mm": ["x", 0, 0]}),
        ("shift", {"reader": "r1", "shift_mm": [1e9, 0, 0]}),
        ("shift", {"reader": "r1", "shift_mm": 4}),
        ("exclusion", {"concept": "nodule", "other": "cavity", "state": "on"}),
        ("exclusion", {"concept": "cavity", "other": "nodule", "state": "perhaps"}),
    ],
)
def test_a_history_that_holds_nonsense_is_damaged(
    case: Case, tmp_path: Path, kind: str, fields: dict[str, object]
) -> None:
    """Planted in a file whose checksums are right; a recovery leaves it out."""
    where = {"numbering": {"frame_of_reference_uid": case.series[0].grid.frame_of_reference_uid}}
    where["shift"] = {"series_id": case.series[0].id, "minus": case.series[1].id}
    record = {"id": "x1", **where.get(kind, {}), **fields}
    case.add_finding("nodule")
    edit = case._edit("planted", (Change(kind, "x1", None, record),))
    case._file.append(edit)
    case.close()
    before = case.path.read_bytes()
    with pytest.raises(CaseDamaged):
        callout.open_case(case.path, read_only=True)
    assert case.path.read_bytes() == before
    recovered = callout.recover_case(case.path, tmp_path / "new.callout")
    assert recovered.lost == 1
    with callout.open_case(tmp_path / "new.callout") as again:
        assert (again.numberings, again.shifts, len(again.findings)) == ((), (), 1)


def test_a_shift_is_of_a_pair_and_a_readers(case: Case) -> None:
    one, other = (series.id for series in case.series)
    assert case.shift_of(one, other) == (0.0, 0.0, 0.0)
    case.set_shift(one, other, (1.5, 0, -2))
    case.set_shift(one, other, (0, 0, 0))
    assert [edit.summary.partition(" where")[0] for edit in case.history] == [
        f"move {case.series[1].title} by 1.5 mm L, 2 mm F",
        f"move {case.series[1].title} back",
    ]
    case.undo()
    assert (case.shift_of(one, other), case.shift_of(other, one)) == ((1.5, 0.0, -2.0), (0.0, 0.0, 0.0))
    for bad in ((one, one, (1, 0, 0)), (one, other, (1, 0)), (one, other, (1, 0, float("inf")))):
        with pytest.raises(InputError):
            case.set_shift(*bad)
    case.close()
    with callout.open_case(case.path, reader="r2") as again:
        assert again.shift_of(one, other) == (1.5, 0.0, -2.0)
        again.set_shift(one, other, (0, 3, 0))
        assert again.shift_of(one, other) == (0.0, 3.0, 0.0)
    with callout.open_case(case.path, reader="r1") as again:
        assert again.shift_of(one, other) == (1.5, 0.0, -2.0)


def test_show_tells_levels_shifts_and_marks_in_words(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    mark_all(case)
    one, other = (series.id for series in case.series)
    case.set_numbering(one, basis="last rib", transitional="none")
    case.set_shift(one, other, (0, -4, 0))
    finding = case.add_finding("nodule")
    case.add_mark(finding, "calipers", [(0, 0, 0), (0, 12.4, 0)], series_id=one)
    case.close()
    assert main(["show", str(case.path)]) == 0
    told = capsys.readouterr().out
    assert "levels by r1: L3, L4, L5 (last rib; transitional anatomy: none)" in told
    assert "is moved 4 mm A where r1 subtracts it from" in told
    assert "12 mm" in told


def test_the_values_in_an_ellipse_are_shown_as_long_as_the_images_are_there(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    series = case.series[0]
    at = [tuple(series.grid.points(place).tolist()) for place in ([1, 2, 2], [1, 4, 2], [1, 2, 3])]
    case.add_mark(case.add_finding("nodule"), "ellipse", at, series_id=series.id)
    case.close()
    values = callout.load(series).voxels[1]
    inside = [values[j, 2] for j in range(5)] + [values[2, i] for i in (1, 3)]
    for missing in (False, True):
        if missing:
            for path in {instance.path for instance in series.instances}:
                Path(path).unlink()
        assert main(["show", str(case.path), "--json"]) == 0
        told = capsys.readouterr()
        [mark] = json.loads(told.out)["marks"]
        assert mark["measures"]["mean"] == (None if missing else pytest.approx(sum(inside) / 7))
        assert ("no intensities" in told.err) == missing
