"""What is done to a whole region: one edit each, in the window's thread or in another."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from queue import Queue
from typing import Any

import made_study
import numpy as np
import pytest
from tool_hands import Hands

from callout.errors import EditRefused
from callout.masks import Mask
from callout.masks.progress import Tell
from napari_callout.panes.commands import Commands
from napari_callout.panes.pane import Pane
from napari_callout.session import Session, operations
from napari_callout.session import errand as errand_module
from napari_callout.session.operations import Operation, Operations


@pytest.fixture
def hands(session: Session) -> Hands:
    """On slice 4 of the axial series, a ring drawn there and a disc on slices 2 and 6; ground glass beside it."""
    session.choose_mention("1:2")
    one = Hands(session)
    session.go_to(4)
    one.disc(36, 10, 5)
    session.choose_mention("1:1")
    session.go_to(4)
    one.disc(22, 20, 20)
    one.hand.arm("erase")
    session.brush_mm = 8
    one.click(22, 20)
    for k in (2, 6):
        session.go_to(k)
        one.disc(22, 20, 12)
    session.go_to(4)
    one.disc(40, 36, 3)  # a crumb
    return one


Do = Callable[[Commands, Hands], object]
COMMANDS: dict[str, Do] = {
    "fill holes": lambda commands, hands: commands.fill_holes(),
    "interpolate": lambda commands, hands: commands.interpolate(),
    "smooth": lambda commands, hands: commands.smooth(2.0),
    "grow margin": lambda commands, hands: commands.margin(2.0),
    "shrink margin": lambda commands, hands: commands.margin(-1.0),
    "shell": lambda commands, hands: commands.ring(3.0),
    "keep island": lambda commands, hands: commands.keep_island(hands.touch(14, 20)),
    "copy slice": lambda commands, hands: commands.copy_from(-1) or commands.copy_from(1),
    "cut": lambda commands, hands: commands.cut(rival(hands), inside=False),
}


def rival(hands: Hands) -> int:
    """The label of the ground glass, after the lesion has overlapped it."""
    hands.case.exclude("cavity", "ground-glass opacity", on=False)
    hands.disc(34, 12, 6)
    drawing = hands.session.drawing
    assert drawing is not None
    return next(label for label in drawing.regions() if label != drawing.active_label)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_one_edit_which_undo_takes_back_exactly(hands: Hands, name: str) -> None:
    if name == "copy slice":
        hands.session.go_to(3)
    before, glass = hands.mask(1), hands.mask(0)
    COMMANDS[name](hands.commands, hands)
    edit = hands.case.history[-1]
    assert edit.tool == name
    assert edit.summary.startswith(f"{name} cavitating lesion")
    assert not np.array_equal(hands.mask(1), before)
    assert np.array_equal(hands.mask(0), glass) or name in ("grow margin", "shell")
    while hands.case.history[-1].tool != "undo":
        hands.session.undo()
    while not np.array_equal(hands.mask(1), before):
        hands.session.undo()
    assert np.array_equal(hands.mask(0), glass)


def test_what_the_commands_do(hands: Hands) -> None:
    commands, session = hands.commands, hands.session
    ring = hands.mask(1)
    assert not ring[4, 22, 20]
    commands.fill_holes()
    assert hands.mask(1)[4, 22, 20]
    assert hands.told[-1][0].startswith("holes of each slice filled: ")
    assert "ml; the lumen in them is told apart by its gas" in hands.told[-1][0]
    session.undo()
    session.kit.in_space = True
    edits = len(hands.case.history)
    commands.fill_holes()  # it is open above and below
    assert len(hands.case.history) == edits
    assert hands.told[-1][0].startswith("there are no holes in the volume: what is open above or below")
    both = {entry.text: entry for entry in commands.entries(None) if entry.text.startswith("Fill")}
    assert [entry.action for entry in both.values()] == ["fill holes", "", ""]
    both["Fill holes of each slice"].do()
    assert hands.mask(1)[4, 22, 20]
    session.undo()
    session.kit.in_space = False
    commands.keep_island(hands.touch(14, 20))
    kept = hands.mask(1)
    assert kept[[2, 6]].any(axis=(1, 2)).all()
    assert not kept[4, 38:].any()
    session.kit.in_space = True
    commands.keep_island(hands.touch(14, 20))
    assert not hands.mask(1)[[2, 6]].any()
    session.undo()
    session.undo()
    commands.interpolate()
    assert hands.mask(1)[[3, 5]].any(axis=(1, 2)).all()
    session.undo()
    session.go_to(3)
    commands.copy_from(1)  # the slice after is the lower one: stored from the feet up, shown from the head down
    assert np.array_equal(hands.mask(1)[3], ring[2])
    session.undo()
    commands.copy_from(-1)
    assert np.array_equal(hands.mask(1)[3], ring[4])


def test_gas_can_be_left_open(hands: Hands) -> None:
    hands.session.kit.in_space = False
    hands.commands.fill_holes(open_gas=True)
    assert hands.mask(1)[4, 22, 20]  # it is no gas
    hands.session.undo()
    series_id = hands.session.series_id or ""
    voxels = hands.pictures.get(series_id).voxels.copy()  # type: ignore[union-attr]
    voxels[4, 22, 20] = -1000
    hands.pictures._keep(series_id, voxels)
    hands.commands.fill_holes(open_gas=True)
    assert not hands.mask(1)[4, 22, 20]
    assert hands.mask(1)[4, 22, 21]
    assert hands.case.history[-1].settings == {"reach": "slice", "kept": "gas"}


def test_a_command_that_changes_nothing_is_told_and_is_no_edit(hands: Hands) -> None:
    hands.commands.fill_holes()
    edits = len(hands.case.history)
    hands.commands.fill_holes()
    assert hands.told[-1] == ("there are no holes of each slice", False)
    hands.commands.margin(-50)
    assert hands.told[-1][1]
    assert "nothing of the region would be left" in hands.told[-1][0]
    hands.commands.keep_island(hands.touch(5, 5))
    assert "click on the part" in hands.told[-1][0]
    hands.commands.margin(0.5)
    assert hands.told[-1] == ("nothing changes: a pixel is 0.8 mm, and a margin of less reaches none", False)
    hands.commands.ring(0.5)
    assert hands.told[-1][0].endswith("take more than 0.8 mm, which a pixel is")
    hands.commands.cut(1, inside=True)
    assert hands.told[-1][0].endswith("choose another one, or erase this one")
    assert len(hands.case.history) == edits
    hands.session.next_lesion()
    hands.commands.smooth(1.0)
    assert "nothing is drawn yet" in hands.told[-1][0]


def test_cut_away_and_kept_inside_are_the_two_halves(hands: Hands) -> None:
    label = rival(hands)
    whole, glass = hands.mask(1), hands.mask(0)
    assert (whole & glass).any()
    hands.commands.cut(label, inside=False)
    assert np.array_equal(hands.mask(1), whole & ~glass)
    assert hands.case.history[-1].settings == {"by": "ground-glass opacity"}
    hands.session.undo()
    hands.commands.cut(label, inside=True)
    assert np.array_equal(hands.mask(1), whole & glass)


def test_a_region_is_projected_as_a_draft(hands: Hands) -> None:
    session, case = hands.session, hands.case
    coronal = made_study.named(session, made_study.CORONAL)
    hands.commands.project(coronal.id)
    region = case.regions[-1]
    assert (region.series_id, region.finding_id) == (coronal.id, case.findings[1].id)
    assert case.mask(region).any()
    assert case.history[-1].tool == "project"
    assert case.history[-1].summary.endswith("draft, projected")
    drawing = session.drawing_of(coronal.id)
    assert drawing is not None
    assert drawing.is_projected(region)
    views = session.views
    k = int(np.argmax(case.mask(region).any(axis=(1, 2))))
    session.show_series(coronal.id, k)
    scene = Pane(session, hands.pictures, views.active).scene((400, 400))
    assert [(outline.dashed, outline.label) for outline in scene.outlines] == [(True, region.finding_id)]
    assert [words.text for words in scene.words if "1" in words.text] == ["1 · draft, projected"]
    session.show_series(case.regions[0].series_id)
    hands.commands.project(coronal.id)
    assert "drawn there already" in hands.told[-1][0]
    case.change_finding(case.findings[1], state="done")
    assert not drawing.is_projected(region)
    session.undo()
    assert drawing.is_projected(region)
    names = [entry.text for entry in hands.commands.entries(None)]
    assert {"Draw on another series, as a draft", "Cut away"} <= {*names}
    session.show_series(coronal.id)
    hands.disc(20, 20, 4)
    assert not drawing.is_projected(region)
    session.undo()
    session.undo()
    assert len(case.regions) == 2


def test_a_command_ends_the_stroke_that_is_being_made(hands: Hands) -> None:
    hand, edits = hands.hand, len(hands.case.history)
    hand.arm("paint")
    hand.press(hands.touch(30, 30), "left")
    hands.commands.fill_holes()
    drawn = hands.mask(1)
    hand.move(hands.touch(44, 30))
    hand.release(hands.touch(44, 30), "left")
    assert [edit.tool for edit in hands.case.history[edits:]] == ["paint", "fill holes"]
    assert np.array_equal(hands.mask(1), drawn)


# In a thread ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def threaded(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> tuple[Operations, Queue[Any]]:
    """Operations that all go to a thread, and what came out of it."""
    monkeypatch.setattr(operations, "QUICK", 0)
    done: Queue[Any] = Queue()
    return Operations(hands.session, done.put), done


def test_a_large_operation_is_worked_out_in_a_thread_and_written_in_this_one(
    hands: Hands, threaded: tuple[Operations, Queue[Any]]
) -> None:
    ours, done = threaded
    before = hands.mask(1)
    ours.do(operations.fill_holes(in_space=False))
    assert ours.running == "fill holes"
    with pytest.raises(EditRefused, match="wait until fill holes is done"):
        ours.do(operations.fill_holes(in_space=False))
    errand = done.get(timeout=10)
    assert np.array_equal(hands.mask(1), before)
    ours.take(errand)
    assert ours.running == ""
    assert hands.mask(1)[4, 22, 20]


@pytest.mark.parametrize("way", ["done", "stopped", "forgotten"])
def test_nothing_is_held_of_what_is_over(hands: Hands, threaded: tuple[Operations, Queue[Any]], way: str) -> None:
    ours, done = threaded
    voxels = np.zeros(2)
    held = weakref.ref(voxels)

    def work(region: Mask, tell: Tell, values: Any = voxels) -> Mask:
        return region

    ours.do(Operation("smooth", work))
    errand = done.get(timeout=10)
    if way != "done":
        assert ours.stop() if way == "stopped" else ours.forget() is None
    ours.take(errand)
    del voxels, work, errand
    gc.collect()
    assert held() is None


def test_an_operation_is_stopped(hands: Hands, threaded: tuple[Operations, Queue[Any]]) -> None:
    ours, done = threaded
    edits = len(hands.case.history)
    ours.do(operations.fill_holes(in_space=False))
    assert ours.stop()
    assert not ours.stop()
    ours.take(done.get(timeout=10))
    assert len(hands.case.history) == edits


def test_how_far_it_is_is_told_and_it_ends_when_it_is_stopped(
    hands: Hands, threaded: tuple[Operations, Queue[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, done = threaded
    monkeypatch.setattr(operations, "SHOWN_S", 0.0)
    monkeypatch.setattr(errand_module, "TOLD_SECONDS", 0.0)
    gate: Queue[None] = Queue()

    def work(region: Mask, tell: Tell) -> Mask:
        for step in range(4):
            gate.get(timeout=10)
            tell(step, 4)
        return region

    said: list[str] = []
    ours.progressed.connect(lambda: said.append(ours.progress))
    edits = len(hands.case.history)
    ours.do(Operation("smooth", work))
    assert ours.progress == ""
    for _ in range(2):
        gate.put(None)
        ours.take(done.get(timeout=10))
    assert said == ["0 %", "25 %"]
    assert ours.stop()
    gate.put(None)
    errand = done.get(timeout=10)
    assert errand.over
    assert errand.result is None
    ours.take(errand)
    assert hands.told[-1] == ("smooth is stopped: nothing was changed", False)
    assert len(hands.case.history) == edits


def test_what_was_changed_meanwhile_is_not_overwritten(hands: Hands, threaded: tuple[Operations, Queue[Any]]) -> None:
    ours, done = threaded
    ours.do(operations.fill_holes(in_space=False))
    hands.disc(30, 30, 4)
    drawn = hands.mask(1)
    ours.take(done.get(timeout=10))
    assert "has changed meanwhile" in hands.told[-1][0]
    assert np.array_equal(hands.mask(1), drawn)


def test_what_was_changed_meanwhile_is_not_projected_as_it_was(
    hands: Hands, threaded: tuple[Operations, Queue[Any]]
) -> None:
    ours, done = threaded
    hands.disc(24, 20, 5)
    ours.project(made_study.named(hands.session, made_study.CORONAL))
    hands.disc(30, 30, 4)
    ours.take(done.get(timeout=10))
    assert "has changed meanwhile" in hands.told[-1][0]
    assert all(region.series_id == hands.session.series_id for region in hands.case.regions)


def test_what_goes_wrong_in_the_thread_is_told(hands: Hands, threaded: tuple[Operations, Queue[Any]]) -> None:
    ours, done = threaded

    def fail(region: Mask, tell: object) -> Mask:
        raise MemoryError

    ours.do(Operation("smooth", fail))
    ours.take(done.get(timeout=10))
    assert hands.told[-1] == ("smooth did not work: MemoryError", True)
