"""A long sitting: strokes, undos, other series and layouts at random; at its end the case is what was done in it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import made_study
import numpy as np
import numpy.typing as npt
import psutil
from hands import opened, wait_drawn
from qtpy.QtCore import QPointF, Qt
from qtpy.QtWidgets import QApplication

import callout

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"  # as an hour's work: 5,000 strokes, 500 undos, 200 series
STROKES = 5000 if LONG else 120
MOST_MEMORY = 1.3
MENTIONS = {made_study.AXIAL: ("1:1", "1:2"), made_study.CORONAL: ("2:arrow",)}
RIVALS = {"1:1": "1:2", "1:2": "1:1"}  # cavity and ground glass keep out of each other
SPACING, KEPT_UNDOS = 0.8, 40
Bits = npt.NDArray[np.bool_]
State = dict[str, Bits]


@dataclass
class Model:
    """What is drawn, by the mention that it is drawn for, and what undo leads back to."""

    drawn: State
    before: list[State] = field(default_factory=list)
    after: list[State] = field(default_factory=list)

    def do(self, changed: State) -> bool:
        """Take over what changed; whether that was anything."""
        differs = {name: bits for name, bits in changed.items() if not np.array_equal(bits, self.drawn[name])}
        if differs:
            self.before.append({name: self.drawn[name] for name in differs})
            self.after.clear()
            del self.before[:-KEPT_UNDOS]
            self.drawn |= differs
        return bool(differs)

    def back(self, undone: list[State], redone: list[State]) -> None:
        """Undo, or redo with both lists turned round."""
        state = undone.pop()
        redone.append({name: self.drawn[name] for name in state})
        self.drawn |= state


def covered(shape: tuple[int, ...], path: list[tuple[float, float]], mm: float) -> Bits:
    """The pixels (rows, columns) within half of `mm` of a line through points, by trying each of them."""
    rows, columns = np.indices(shape) * SPACING
    radius = max(mm / 2, SPACING * 2**0.5 / 2) + 1e-6
    inside = np.zeros(shape, bool)
    for start, end in zip(path, path[1:] or path, strict=False):
        (r, c), (dr, dc) = np.array(start) * SPACING, (np.array(end) - np.array(start)) * SPACING
        length = dr * dr + dc * dc
        part = np.clip(((rows - r) * dr + (columns - c) * dc) / length, 0, 1) if length else 0.0
        inside |= (rows - r - part * dr) ** 2 + (columns - c - part * dc) ** 2 <= radius**2
    return inside


def stroke(host: Any, chance: random.Random, model: Model, mention: str) -> bool:
    """One drag of the brush or eraser in the active view, and the same in the model; whether that changed anything."""
    session, views = host.session, host.session.views
    plane = views.plane(views.active)
    host.session.brush_mm = chance.choice((2, 4, 8))
    erases = chance.random() < 0.3
    host.room.hand.arm("erase" if erases else "paint")
    corner = chance.uniform(0, plane.shape[0] - 1), chance.uniform(0, plane.shape[1] - 1)
    places = [corner, *((corner[0] + chance.uniform(-6, 6), corner[1] + chance.uniform(-6, 6)) for _ in range(2))]
    k, change = plane.k, dict[str, Bits]()
    inside = covered(plane.shape, [tuple(place) for place in plane.native_places(places)], session.brush_mm)
    change[mention] = model.drawn[mention].copy()
    if erases:
        change[mention][k] &= ~inside
    else:
        added = inside & ~change[mention][k]
        change[mention][k] |= inside
        if mention in RIVALS and added.any():
            change[RIVALS[mention]] = model.drawn[RIVALS[mention]].copy()
            change[RIVALS[mention]][k] &= ~added
    touches = [touch_at(host, *place) for place in places]
    host.room.hand.press(touches[0], "left")
    for one in touches[1:]:
        host.room.hand.move(one)
    host.room.hand.release(touches[-1], "left")
    return model.do(change)


def touch_at(host: Any, row: float, column: float) -> Any:
    active = host.session.views.active
    x, y = host.room._panes[active].placement(host.room.grid.panes[active].extent).screen(row, column)
    return host.room._touch_at(active, QPointF(x, y), Qt.KeyboardModifier.NoModifier)


def acts(chance: random.Random) -> Iterator[str]:
    """What is done: mostly strokes."""
    done = 0
    while done < STROKES:
        act = chance.choices(("stroke", "undo", "redo", "mention", "series", "layout"), (100, 11, 5, 12, 9, 1))[0]
        done += act == "stroke"
        yield act


def test_the_case_is_what_was_done_and_memory_stays(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    session, chance = host.session, random.Random(7)
    shapes = {name: made_study.named(session, name).grid.shape for name in MENTIONS}
    model = Model({mention: np.zeros(shapes[name], bool) for name, of in MENTIONS.items() for mention in of})
    series, mention, memory, edits = made_study.AXIAL, "1:1", 0.0, 0
    host.choose_mention(mention)
    for count, act in enumerate(acts(chance)):
        if act == "stroke":
            session.go_to(chance.randrange(shapes[series][0]))
            if not host.complete:
                wait_drawn(host, qtbot)  # nothing is drawn on a slice that has not arrived
            edits += stroke(host, chance, model, mention)
        elif act == "undo" and model.before:
            session.undo()
            model.back(model.before, model.after)
            edits += 1
        elif act == "redo" and model.after:
            session.redo()
            model.back(model.after, model.before)
            edits += 1
        elif act in ("mention", "series"):
            series = chance.choice(list(MENTIONS)) if act == "series" else series
            mention = chance.choice(MENTIONS[series])
            host.choose_mention(mention)
            session.show_series(made_study.named(session, series).id)
        elif act == "layout":
            session.views.arrange(chance.choice(("1", "2", "4")))
            session.show_series(made_study.named(session, series).id)
        if count % 10 == 0:
            QApplication.processEvents()
        if count == 60:
            memory = psutil.Process().memory_info().rss
    wait_drawn(host, qtbot)
    assert psutil.Process().memory_info().rss <= MOST_MEMORY * memory
    assert len(case.history) == edits
    host.session.close()
    with callout.open_case(case.path, read_only=True) as kept:
        for name, drawn in model.drawn.items():
            linked = {link.finding_id for link in kept.links if link.mention_id == kept.mention(name).id}
            masks = [kept.mask(region) for region in kept.regions if region.finding_id in linked]
            assert np.array_equal(np.any(masks, axis=0) if masks else np.zeros_like(drawn), drawn)
