"""What a reader does to a case, and that every bit of it can be taken back, done again and found after reopening."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import made_cases
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import callout
from callout.case import Case
from callout.errors import CaseError, EditRefused, InputError
from callout.masks import Stroke


@pytest.fixture
def case(tmp_path: Path):
    with made_cases.case(tmp_path) as made:
        yield made


def everything(case: Case) -> tuple[object, ...]:
    masks = {region.id: case.mask(region).tobytes() for region in case.regions}
    return case.findings, case.regions, case.marks, case.links, masks, [case.mention_state(m) for m in case.mentions]


def test_the_contract_in_one_go(case: Case, tmp_path: Path) -> None:
    finding = case.add_finding("cavity", laterality="left", site="left upper lobe", note="thin")
    region = case.add_region(finding, case.series[0].id)
    case.paint(region, 2, made_cases.plane((1, 1), (1, 2)))
    assert case.report is not None
    case.link(finding, case.report.figures[0].caption.mentions[0])
    assert [(f.concept, f.laterality, f.site, f.note, f.state, f.reader) for f in case.findings] == [
        ("cavity", "left", "left upper lobe", "thin", "draft", "r1")
    ]
    assert (case.regions[0].finding_id, case.regions[0].series_id) == (finding.id, case.series[0].id)
    assert np.argwhere(case.mask(region)).tolist() == [[2, 1, 1], [2, 1, 2]]
    assert not case.mask(region).flags.writeable
    assert [m.concept for m in case.todo] == ["ground-glass opacity"]
    before = everything(case)
    case.close()
    with callout.open_case(case.path, reader="r1") as again:
        assert everything(again) == before


def test_undo_and_redo_reach_across_reopening(case: Case) -> None:
    finding = case.add_finding("cavity")
    region = case.add_region(finding, case.series[0].id)
    states = [everything(case)]
    for k in range(3):
        case.paint(region, k, made_cases.plane((k, k)))
        states.append(everything(case))
    case.undo()
    assert everything(case) == states[2]
    case.close()
    with callout.open_case(case.path, reader="r1") as again:
        again.undo()
        assert everything(again) == states[1]
        again.redo()
        again.redo()
        assert everything(again) == states[3]
        with pytest.raises(EditRefused, match="nothing to redo"):
            again.redo()
        for _ in range(5):
            again.undo()
        assert again.findings == ()
        with pytest.raises(EditRefused, match="nothing to undo"):
            again.undo()


def test_a_new_edit_ends_redo(case: Case) -> None:
    case.add_finding("cavity")
    case.undo()
    case.add_finding("nodule")
    with pytest.raises(EditRefused):
        case.redo()
    assert [f.concept for f in case.findings] == ["nodule"]


def test_a_stroke_that_changes_nothing_is_no_edit(case: Case) -> None:
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    case.paint(region, 1, made_cases.plane((0, 0)))
    count = len(case.history)
    case.paint(region, 1, made_cases.plane((0, 0)))
    assert len(case.history) == count


def test_many_changes_are_one_edit_or_none(case: Case) -> None:
    with case.one_edit("a finding at once"):
        finding = case.add_finding("cavity")
        region = case.add_region(finding, case.series[0].id)
        case.paint(region, 0, made_cases.plane((3, 3)))
    assert [edit.summary for edit in case.history] == ["a finding at once"]
    before = everything(case)

    def fail() -> None:
        with case.one_edit("never"):
            case.paint(region, 0, made_cases.plane((1, 1)))
            case.add_region(case.add_finding("nodule"), case.series[0].id)
            case.change_finding(finding, note="x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert everything(case) == before
    case.undo()
    assert case.findings == ()
    case.redo()
    assert everything(case) == before


def test_only_the_finding_s_reader_draws(case: Case) -> None:
    finding = case.add_finding("cavity")
    region = case.add_region(finding, case.series[0].id)
    case.close()
    with callout.open_case(case.path, reader="r2") as other:
        with pytest.raises(EditRefused, match="r1's finding"):
            other.paint(region, 0, made_cases.plane((0, 0)))
        with pytest.raises(EditRefused, match="r1's finding"):
            other.change_finding(finding, note="mine now")
        with pytest.raises(EditRefused, match="nothing to undo"):
            other.undo()


def test_undo_is_refused_where_something_later_stands_on_it(case: Case) -> None:
    finding = case.add_finding("cavity")
    case.close()
    with callout.open_case(case.path, reader="r2") as other:
        other.link(finding, "1:1")
    with callout.open_case(case.path, reader="r1") as again:
        with pytest.raises(EditRefused, match=r"link .* stands on finding f1 — edit 2"):
            again.undo()
        assert len(again.history) == 2
        assert again.findings == (finding,)


def test_removing_a_finding_takes_all_of_it_and_comes_back_whole(case: Case) -> None:
    finding = case.add_finding("cavity")
    region = case.add_region(finding, case.series[0].id)
    case.paint(region, 0, made_cases.plane((2, 2)))
    case.link(finding, "1:1")
    case.add_mark(finding, "point", [(1, 2, 3)], series_id=case.series[0].id)
    before = everything(case)
    case.remove_finding(finding)
    assert (case.findings, case.regions, case.links, case.marks) == ((), (), (), ())
    case.undo()
    assert everything(case) == before


def test_undo_gives_a_finding_its_old_place_back(case: Case) -> None:
    first, second = case.add_finding("cavity"), case.add_finding("nodule")
    case.remove_finding(first)
    case.undo()
    assert case.findings == (first, second)
    case.close()
    with callout.open_case(case.path, reader="r1") as again:
        assert again.findings == (first, second)


def test_a_concept_is_kept_by_its_name_however_it_was_called(case: Case) -> None:
    finding = case.add_finding("cavity")
    assert case.change_finding(finding, concept="GGO").concept == "ground-glass opacity"


def test_numpy_s_own_integers_name_slices(case: Case) -> None:
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    case.paint(region, np.int64(2), made_cases.plane((1, 1)))
    assert np.argwhere(case.mask(region)).tolist() == [[2, 1, 1]]


def test_undo_waits_for_the_edit_that_is_being_made(case: Case) -> None:
    case.add_finding("cavity")
    with case.one_edit("two at once"):
        case.add_finding("nodule")
        with pytest.raises(EditRefused, match="finish that one first"):
            case.undo()
    case.undo()
    assert [finding.concept for finding in case.findings] == ["cavity"]


def test_an_edit_that_failed_is_never_named_as_the_one_to_undo(case: Case) -> None:
    finding = case.add_finding("cavity")
    link = case.link(finding, case.mentions[0])
    case.add_finding("nodule")

    def change_and_fail() -> None:
        with case.one_edit("fails"):
            case.unlink(link)
            case.link(finding, case.mentions[0])
            case.link(finding, case.mentions[0])

    with pytest.raises(EditRefused):
        change_and_fail()
    with pytest.raises(EditRefused, match="stands on finding f1 — edit 2"):
        case._remove(finding)


@pytest.mark.parametrize("attempt", [Case.undo, lambda case: case.add_finding("nodule")])
def test_another_thread_is_told_so_and_changes_nothing(case: Case, attempt: Callable[[Case], object]) -> None:
    case.add_finding("cavity")
    before = everything(case)
    with ThreadPoolExecutor(1) as pool, pytest.raises(CaseError, match="thread"):
        pool.submit(attempt, case).result()
    assert everything(case) == before
    case.undo()
    assert case.findings == ()


def test_a_closed_case_says_that_it_is_closed(case: Case) -> None:
    case.close()
    with pytest.raises(CaseError, match="closed"):
        case.add_finding("cavity")


def test_mention_states_follow_from_links_until_a_reader_decides(case: Case) -> None:
    mention = case.mention("1:1")
    assert case.mention_state(mention) == ("todo", "")
    finding = case.add_finding("cavity")
    case.link(finding, mention)
    assert case.mention_state(mention) == ("draft", "")
    case.change_finding(finding, state="done")
    assert case.mention_state(mention) == ("done", "")
    case.set_mention_state(mention, "not drawn", "not visible")
    assert case.mention_state(mention) == ("not drawn", "not visible")
    case.undo()
    assert case.mention_state(mention) == ("done", "")
    with pytest.raises(InputError, match="reason"):
        case.set_mention_state(mention, "flagged")


@pytest.mark.parametrize(
    ("name", "what"), [("1:9", "no mention"), ("7:1", "no mention"), ("1", "no mention"), ("", "several|no mention")]
)
def test_a_mention_that_is_not_there_is_refused_naming_those_that_are(case: Case, name: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        case.mention(name)


def test_edits_say_who_when_with_what(case: Case) -> None:
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    with case.using("brush", {"diameter_mm": 8.0}, window=(-600.0, 1500.0)):
        case.paint(region, 0, made_cases.plane((0, 0)))
    case.close()
    with callout.open_case(case.path, read_only=True) as again:
        edit = again.history[-1]
    assert (edit.reader, edit.tool, edit.settings, edit.window) == ("r1", "brush", {"diameter_mm": 8.0}, (-600, 1500))
    assert edit.version == callout.__version__
    assert edit.time.endswith("+00:00")


def test_the_past_opens_to_look_only(case: Case) -> None:
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    case.paint(region, 0, made_cases.plane((0, 0)))
    case.paint(region, 0, made_cases.plane((0, 0), (1, 1)))
    with callout.open_case(case.path, at=3) as past:
        assert past.mask(region).sum() == 1
        with pytest.raises(EditRefused, match="look only"):
            past.add_finding("nodule")
    with callout.open_case(case.path, at=0) as past:
        assert past.findings == ()
    with pytest.raises(InputError, match="no edit 9"):
        callout.open_case(case.path, at=9)


def test_what_does_not_fit_is_refused_and_changes_nothing(case: Case) -> None:
    finding = case.add_finding("cavity")
    region = case.add_region(finding, case.series[0].id)
    before, count = everything(case), len(case.history)
    attempts = [
        lambda: case.add_finding("no such thing"),
        lambda: case.add_finding("cavity", laterality="up"),
        lambda: case.add_region(finding, "no series"),
        lambda: case.add_region(finding, case.series[0].id),
        lambda: case.paint(region, 4, made_cases.plane()),
        lambda: case.paint(region, 0, np.zeros((2, 2), bool)),
        lambda: case.set_mask(region, np.zeros((1, 2, 3), bool)),
        lambda: case.flip(region, Stroke.from_bits(np.ones((1, 1, 1), bool), (9, 9, 9))),
        lambda: case.change_finding(finding, reader="r2"),
        lambda: case.change_finding(finding, concept="no such thing"),
        lambda: case.change_finding(finding, note=5),
        lambda: case.change_finding(finding, note="a name that is no Unicode: \udcff"),
        lambda: case.add_mark(finding, "point", [(np.nan, 0, 0)], series_id=case.series[0].id),
        lambda: case.add_mark(finding, "calipers", [(0, 0, 0)], series_id=case.series[0].id),
        lambda: case.add_mark(finding, "point", [(0, 0)], picture="none.png"),
        lambda: case.link(finding, "2:#1"),
        lambda: case.set_recipe("9", ""),
    ]
    for attempt in attempts:
        with pytest.raises((InputError, EditRefused)):
            attempt()
    assert (everything(case), len(case.history)) == (before, count)


def test_a_disk_that_fails_acknowledges_nothing(case: Case) -> None:
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    before = everything(case)
    case._file._db.execute("PRAGMA max_page_count = 1")  # the disk is full
    big = np.random.default_rng(0).random((4, 6, 5)) > 0.5
    written = 0

    def fill() -> None:
        nonlocal before, big, written
        while written < 2000:
            case.set_mask(region, big)
            before, big, written = everything(case), ~big, written + 1

    with pytest.raises(CaseError, match="can't be read or written"):
        fill()
    assert everything(case) == before
    case._file._db.execute("PRAGMA max_page_count = 100000")  # and now it is not
    case.set_mask(region, big)
    assert (case.mask(region) == big).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.sampled_from(["paint", "paint", "undo", "redo", "note", "link", "unlink", "remove"]), max_size=18
    ),
    data=st.data(),
)
def test_any_way_through_edits_undo_and_redo_is_a_walk_back_and_forth(case: Case, steps: list[str], data) -> None:
    finding = case.add_finding("cavity")
    region = case.add_region(finding, case.series[0].id)
    past, future = [], []
    floor = everything(case)
    for step in steps:
        now = everything(case)
        if step == "undo":
            if past:
                case.undo()
                future.append(now)
                assert everything(case) == past.pop()
            continue
        if step == "redo":
            if future:
                case.redo()
                past.append(now)
                assert everything(case) == future.pop()
            continue
        count = len(case.history)
        if step == "paint" and region in case.regions:
            bits = data.draw(st.lists(st.booleans(), min_size=30, max_size=30))
            case.paint(region, data.draw(st.integers(0, 3)), np.array(bits).reshape(6, 5))
        elif step == "note" and any(f.id == finding.id for f in case.findings):
            case.change_finding(finding.id, note=data.draw(st.text(max_size=3)))
        elif step == "link" and region in case.regions and not any(k.finding_id == finding.id for k in case.links):
            case.link(finding.id, "1:1")
        elif step == "unlink" and any(k.finding_id == finding.id for k in case.links):
            case.unlink(next(k for k in case.links if k.finding_id == finding.id))
        elif step == "remove" and region in case.regions:
            case.remove_finding(finding.id)
        if len(case.history) > count:
            past.append(now)
            future.clear()
    end = everything(case)
    with callout.open_case(case.path, read_only=True) as again:
        assert everything(again) == end
    for _ in past:
        case.undo()
    assert everything(case) == floor
