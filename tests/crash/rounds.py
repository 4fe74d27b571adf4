"""A round by its seed: which kind it is, and what came of it."""

from __future__ import annotations

import random
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crash import kills, trouble
from crash.account import Fault
from crash.stage import Stage
from crash.trouble import NotHere

Kind = Callable[[Stage], None]
KINDS: dict[Kind, float] = {
    kills.while_writing: 5,
    kills.while_creating: 3,
    kills.while_opening: 3,
    kills.while_closing: 3,
    trouble.full_disk: 3,
    trouble.no_room_at_all: 2,
    trouble.small_disk: 2,
    trouble.read_only_folder: 1,
    trouble.race_to_open: 2,
    trouble.race_to_create: 1,
    trouble.backward_clock: 1,
    trouble.folder_gone: 1,
}


@dataclass(frozen=True)
class Outcome:
    """What came of a round: kills, edits that stand or failed, the fault found, or why it can't be played here."""

    seed: int
    kind: str
    kills: int
    edits: int
    failures: int
    fault: str = ""
    not_here: str = ""


def kind_of(seed: int) -> Kind:
    """The kind of round that a seed stands for."""
    [kind] = random.Random(seed).choices(list(KINDS), list(KINDS.values()))
    return kind


def play(seed: int, folder: Path, materials: Path, kind: Kind | None = None, fault: str = "") -> Outcome:
    """One round in a folder of its own, which stays where it found a fault."""
    kind = kind or kind_of(seed)
    stage = Stage(seed, folder, materials, fault)
    found, not_here = "", ""
    try:
        kind(stage)
    except NotHere as reason:
        not_here = str(reason)
    except Fault as error:
        found = f"{stage.state}{error}"
    except Exception:  # the case can't be opened in the end, or a writer can't be told anything
        found = traceback.format_exc()
    if not found:
        shutil.rmtree(folder)
    account = stage.account
    return Outcome(seed, kind.__name__, stage.kills, account.number, account.failures, found, not_here)
