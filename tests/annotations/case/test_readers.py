"""Several readers in one case: each changes what is theirs, and in a blinded case sees only that."""

from __future__ import annotations

from pathlib import Path

import made_cases
import numpy as np
import pytest

import callout
from callout.errors import EditRefused, InputError


def read(path: Path, reader: str, pixel: tuple[int, int]) -> tuple[str, str]:
    """A finding with a region, a mark and a link of `reader`; the ids of finding and region."""
    with callout.open_case(path, reader=reader) as case:
        finding = case.add_finding("cavity", note=f"seen by {reader}")
        region = case.add_region(finding, case.series[0].id)
        case.paint(region, 2, made_cases.plane(pixel))
        case.add_mark(finding, "point", [(0.0, 0.0, 0.0)], series_id=case.series[0].id)
        case.link(finding, "1:1")
        case.set_mention_state("1:2", "not drawn", f"says {reader}")
        return finding.id, region.id


@pytest.fixture(params=[False, True])
def blinded(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def path(tmp_path: Path, blinded: bool) -> Path:
    path = tmp_path / "a.callout"
    report = tmp_path / "report.txt"
    report.write_text(made_cases.REPORT, encoding="utf-8")
    callout.create_case(path, made_cases.images(tmp_path), report, reader="r1", blinded=blinded).close()
    return path


def test_each_reader_sees_their_own_and_the_view_of_all_sees_all(path: Path, blinded: bool) -> None:
    (mine, _), (theirs, region) = read(path, "r1", (1, 1)), read(path, "r2", (2, 2))
    for reader, own in (("r1", mine), ("r2", theirs)):
        with callout.open_case(path, reader=reader, read_only=True) as case:
            assert case.blinded == blinded
            seen = [own] if blinded else [mine, theirs]
            assert [finding.id for finding in case.findings] == seen
            for records in (case.regions, case.marks, case.links):
                assert [one.finding_id for one in records] == seen
            assert case.readers == ((reader,) if blinded else ("r1", "r2"))
            assert case.mention_state(case.mention("1:2")) == ("not drawn", f"says {reader}")
    with callout.open_case(path, reader="r1") as case:
        if blinded:
            with pytest.raises(InputError, match="no region"):
                case.mask(region)
        for change in (
            lambda: case.change_finding(theirs, note="x"),
            lambda: case.paint(region, 1, made_cases.plane((1, 1))),
            lambda: case.remove_finding(theirs),
        ):
            with pytest.raises((InputError, EditRefused)):
                change()
    for options in ({}, {"reader": "r1", "blinded": False}):
        with callout.open_case(path, read_only=True, **options) as case:
            assert case.readers == ("r1", "r2")
            assert case.mask(region).sum() == 1
    with callout.open_case(path, reader="r1", blinded=True) as case:
        assert case.readers == ("r1",)


def test_a_decision_nobody_of_theirs_made_follows_another_reader_only_where_it_is_seen(
    path: Path, blinded: bool
) -> None:
    read(path, "r2", (1, 1))
    with callout.open_case(path, reader="r1") as case:
        assert case.mention_state(case.mention("1:2"))[0] == ("todo" if blinded else "not drawn")
        assert case.mention_state(case.mention("1:1"))[0] == ("todo" if blinded else "draft")
        case.set_mention_state("1:2", "flagged", "look again")
        case.set_mention_state("1:2", "done")
        assert case.mention_state(case.mention("1:2")) == ("done", "")
        case.undo()
        case.undo()
        assert case.mention_state(case.mention("1:2"))[0] == ("todo" if blinded else "not drawn")


def test_undo_keeps_to_its_reader_also_when_the_other_came_between(path: Path) -> None:
    mine, _ = read(path, "r1", (1, 1))
    theirs, _ = read(path, "r2", (2, 2))
    with callout.open_case(path, reader="r1", blinded=False) as case:
        for _ in range(6):
            case.undo()
        assert [finding.id for finding in case.findings] == [theirs]
        with pytest.raises(EditRefused, match="nothing to undo"):
            case.undo()
        for _ in range(6):
            case.redo()
        assert {finding.id for finding in case.findings} == {mine, theirs}


def test_blame_names_the_edit_that_set_each_voxel(path: Path) -> None:
    with callout.open_case(path, reader="r1") as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        with case.using("brush", {"brush_mm": 5}):
            case.paint(region, 2, made_cases.plane((1, 1), (1, 2)))
        with case.using("erase"):
            case.paint(region, 2, made_cases.plane((1, 2)))
        case.paint(region, 2, made_cases.plane((1, 2), (3, 3)))
        case.paint(region, 2, made_cases.plane((1, 2)))
        case.undo()
        numbers = case.blame(region, 2)
        assert (numbers > 0).tolist() == case.mask(region)[2].tolist()
        assert case.history[numbers[1, 2] - 1].tool == "brush"
        assert numbers[3, 3] == 5
        assert not case.blame(region, 1).any()
        with pytest.raises(InputError, match="no slice 9"):
            case.blame(region, 9)
        with callout.open_case(path, at=3) as past:
            assert set(past.blame(region.id, 2).ravel()) == {0, 3}


def test_a_blinded_reader_learns_nothing_from_history_and_recipes(path: Path, blinded: bool) -> None:
    read(path, "r1", (1, 1))
    with callout.open_case(path, reader="r1") as case:
        case.set_recipe("1", "# cavity of r1")
        case.change_finding(case.findings[0], note="said r1")
    with callout.open_case(path, reader="r2") as case:
        assert [edit.number for edit in case.history] == list(range(1, 9))
        assert ("r1" not in repr([(edit.summary, edit.changes) for edit in case.history])) == blinded
        assert ("cavity" not in repr(case.history)) == blinded
        assert case.recipes == ({} if blinded else {"1": "# cavity of r1"})
        case.set_recipe("1", "# of r2")
        assert case.recipes == {"1": "# of r2"}
        case.undo()
        assert case.recipes == ({} if blinded else {"1": "# cavity of r1"})
        case.redo()
        assert case.recipes == {"1": "# of r2"}
    with callout.open_case(path, reader="r1", at=8) as past:
        assert past.recipes == {"1": "# cavity of r1"}
        assert past.findings[0].note == "said r1"


def test_blame_takes_a_slice_by_numpy_s_integers_too(path: Path) -> None:
    _, region = read(path, "r1", (1, 1))
    with callout.open_case(path, reader="r1", read_only=True) as case:
        assert case.blame(region, np.int64(2)).sum() == 3
