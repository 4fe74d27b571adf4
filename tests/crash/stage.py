"""What every round begins and ends with: images and a report, a folder for the case, a look at what is left."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import made_cases
import made_series
import numpy as np
from crash.account import SHAPE, Account, Fault
from crash.process import Process
from crash.writer import standing
from pydicom.dataset import Dataset

import callout

OPENS_WITHIN = 5.0  # seconds
BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # what SQLite and the lock need, after the case's own name
READERS = ("r1", "r2")


def materials(folder: Path) -> Path:
    """`folder` with the images and the report that all cases of a run are made of."""

    def larger(data_set: Dataset, k: int) -> None:
        data_set.Rows, data_set.Columns = SHAPE[1:]
        data_set.PixelData = np.full(SHAPE[1:], 1000 + k, np.uint16).tobytes()

    made_series.series(folder / "images", SHAPE[0], larger)
    (folder / "report.txt").write_text(made_cases.REPORT, encoding="utf-8")
    return folder


@dataclass
class Stage:
    """One round: its randomness, its folders, its case, the account of it, and the fault planted, if any."""

    seed: int
    folder: Path
    materials: Path
    fault: str = ""
    kills: int = 0
    state: str = ""
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self.random = random.Random(f"stage {self.seed}")  # its kind was drawn from the seed itself
        self.case = self.folder / "case" / "a.callout"
        self.case.parent.mkdir(parents=True)

    def process(self) -> Process:
        """A new writer."""
        return Process(self.account, self.random.randrange(1 << 32), self.fault)

    def create(self, process: Process) -> None:
        """Let the writer make the case, and wait until it is made."""
        process.ask("create", *self.making(self.case), self.reader, answer="open")

    def making(self, case: Path) -> tuple[Path, Path, Path]:
        """What a writer needs to know to make a case."""
        return case, self.materials / "images", self.materials / "report.txt"

    @property
    def reader(self) -> str:
        """One of the readers."""
        return self.random.choice(READERS)

    def kill(self, process: Process, longest: float) -> None:
        """Kill the writer at some moment within `longest` seconds; early ones are likelier."""
        process.kill(longest * self.random.random() ** 2)
        self.kills += 1

    def left_by_a_kill(self, edits: int = 60) -> None:
        """A case of about so many edits more whose writer was killed: its log lies beside it."""
        with self.process() as process:
            if self.case.exists():
                process.ask("open", self.case, self.reader, answer="open")
            else:
                self.create(process)
            process.ask("edits", self.random.randrange(1, edits), answer="idle")
            process.kill()
        self.kills += 1

    def states(self, edits: int) -> Iterator[str]:
        """The case in each of the states that it can lie in; `state` says which."""
        self.left_by_a_kill(edits)
        self.state = "left by a kill: "
        yield self.state
        self.left_by_a_kill(edits)
        self.check()
        self.state = "opened and closed after a kill: "
        yield self.state
        with self.process() as process:
            process.ask("open", self.case, self.reader, answer="open")
            process.ask("edits", self.random.randrange(1, edits), answer="idle")
            process.ask("close", answer="closed")
        self.state = "closed by its writer: "
        yield self.state

    def check(self) -> None:
        """The case is whole, opens soon, holds what it has to, and is one plain file once it is closed."""
        self._check_beside(BESIDE)
        self._check_pages()
        for read_only in (True, False, True):  # looking at a case at rest leaves nothing beside it
            start = time.monotonic()
            with callout.open_case(self.case, reader=READERS[0], read_only=read_only) as case:
                if time.monotonic() - start > OPENS_WITHIN:
                    raise Fault(f"opening took {time.monotonic() - start:.1f} s")
                self.account.settle(len(case.history), standing(case))
                if [edit.number for edit in case.history] != list(range(1, self.account.number + 1)):
                    raise Fault("the history is out of order")
        journal = self.case.with_name(self.case.name + "-journal")
        dead = journal.exists() and not any(journal.read_bytes()[:8])  # SQLite takes it away with the next edit
        self._check_beside(("", "-journal") if dead else ("",))

    def check_none(self) -> None:
        """There is no case, and nothing of one."""
        self._check_beside(BESIDE)

    def _check_beside(self, endings: tuple[str, ...]) -> None:
        left = {entry.name for entry in self.case.parent.iterdir()} - {self.case.name + ending for ending in endings}
        if left:
            raise Fault(f"left beside the case: {', '.join(sorted(left))}")

    def _check_pages(self) -> None:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for ending in ("", "-wal", "-journal"):
            part = self.case.with_name(self.case.name + ending)
            if part.exists():
                shutil.copyfile(part, copy / part.name)
        with closing(sqlite3.connect(copy / self.case.name)) as database:
            if (found := database.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
                raise Fault(f"integrity_check: {found[0][0]}")
