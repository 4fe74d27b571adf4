"""Rounds in which the disk, the folder, the clock or another process is in the way."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from crash.account import Fault
from crash.process import Process
from crash.stage import Stage

import callout


class NotHere(Exception):
    """This machine has no means for the round; the message says which."""


def full_disk(stage: Stage) -> None:
    """Edits that find no room fail and leave nothing; once there is room again, all goes on."""
    with stage.process() as process:
        stage.create(process)
        process.ask("edits", stage.random.randrange(1, 200), answer="idle")
        for _ in range(2):
            largest = max(entry.stat().st_size for entry in stage.case.parent.iterdir())
            process.ask("limit", int(largest * stage.random.uniform(0, 1.3)), answer="idle")
            process.ask("edits", 30, answer="idle")
            process.ask("limit", None, answer="idle")
            _all_done(process, 10)
        if stage.random.random() < 0.5:
            process.ask("limit", stage.random.choice([0, 4096, 1 << 16]), answer="idle")
        process.ask("close", answer="closed")
    stage.check()


def no_room_at_all(stage: Stage) -> None:
    """A case opens and closes where nothing can be written."""
    for _ in stage.states(200):
        with stage.process() as process:
            process.ask("limit", stage.random.choice([0, 0, 1, 100, 5000]), answer="idle")
            process.ask("open", stage.case, stage.reader, answer="open")
            process.ask("edits", 3, answer="idle")
            process.ask("close", answer="closed")
        stage.check()


def small_disk(stage: Stage) -> None:
    """The same on a real file system that is full."""
    disk = stage.case.parent
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        raise NotHere("a small file system can't be mounted")
    try:
        with stage.process() as process:
            stage.create(process)
            process.ask("edits", stage.random.randrange(1, 60), answer="idle")
            _fill(stage.folder / "case" / "filler", stage.random.choice([0, 0, 4096, 30_000, 100_000]))
            process.ask("edits", 60, answer="idle")
            if stage.random.random() < 0.5:
                process.kill()
                stage.kills += 1
            else:
                process.ask("close", answer="closed")
        with stage.process() as process:
            process.ask("open", stage.case, stage.reader, answer="open")
            process.ask("edits", 5, answer="idle")
            (disk / "filler").unlink()
            _all_done(process, 10)
            process.ask("close", answer="closed")
        stage.check()
    finally:
        shutil.copytree(disk, stage.folder / "disk")
        subprocess.run(["umount", str(disk)], check=True)


def read_only_folder(stage: Stage) -> None:
    """Where nothing may be written, the case can be looked at."""
    for _ in stage.states(60):
        _as_a_stranger(stage)
        stage.check()


def _as_a_stranger(stage: Stage) -> None:
    modes = {entry: entry.stat().st_mode for entry in (*stage.case.parent.iterdir(), stage.case.parent)}
    for entry in modes:
        entry.chmod(0o555 if entry.is_dir() else 0o444)
    try:
        with stage.process() as process:
            process.ask("be_nobody", *stage.making(stage.folder / "other.callout"), answer="idle")
            process.tell("open", stage.case, stage.reader)
            if process.until("open", "error")[0] == "open":
                process.ask("edits", 3, answer="idle")
                _none_done(process, "in a folder that can't be written")
                process.ask("close", answer="closed")
            process.ask("look", stage.case, answer="open")
    finally:
        (stage.folder / "other.callout").unlink(missing_ok=True)
        for entry, mode in modes.items():
            if entry.exists():
                entry.chmod(mode)


def race_to_open(stage: Stage) -> None:
    """Of two that open a case, one gets it, and the other is told who has it; it gets it when the first is gone."""
    stage.left_by_a_kill()
    with stage.process() as one, stage.process() as other:
        for process, reader in ((one, "r1"), (other, "r2")):
            process.tell("open", stage.case, reader)
        winner, loser, reader = _race(one, other)
        for _ in range(3):
            winner.tell("edits", 5)
            loser.tell("open", stage.case, "r1")
            kind, message = loser.until("error", "open")[1:3]
            if kind != "CaseInUse":
                raise Fault(f"a second writer was let in: {message}")
            _check_told(message, winner, reader)
            winner.until("idle")
        if stage.random.random() < 0.5:
            winner.kill()
            stage.kills += 1
        else:
            winner.ask("close", answer="closed")
        loser.ask("open", stage.case, "r1", answer="open")
        _all_done(loser, 5)
        loser.ask("close", answer="closed")
    stage.check()


def race_to_create(stage: Stage) -> None:
    """Of two that make the same case, one does."""
    with stage.process() as one, stage.process() as other:
        for process in (one, other):
            process.tell("create", *stage.making(stage.case), "r1" if process is one else "r2")
        winner, _, _ = _race(one, other)
        _all_done(winner, 5)
        winner.ask("close", answer="closed")
    stage.check()


def backward_clock(stage: Stage) -> None:
    """The order of edits is their number's, whatever the clock says."""
    with stage.process() as process:
        stage.create(process)
        process.ask("clock", answer="idle")
        process.ask("edits", 40, answer="idle")
        stage.kill(process, 0)
    stage.check()
    with callout.open_case(stage.case, read_only=True) as case:
        times = [edit.time for edit in case.history]
    if times != sorted(times, reverse=True):
        raise Fault("the clock did not run backward")


def folder_gone(stage: Stage) -> None:
    """While the folder has another name, or is no more, no edit is acknowledged; when it is back, all goes on."""
    away = stage.folder / "away"
    with stage.process() as process:
        stage.create(process)
        process.ask("edits", 20, answer="idle")
        stage.case.parent.rename(away)
        process.ask("edits", 5, answer="idle")
        _none_done(process, "in a folder that is gone")
        if stage.random.random() < 0.7:
            away.rename(stage.case.parent)
            _all_done(process, 10)
            process.ask("close", answer="closed")
            return stage.check()
        shutil.rmtree(away)
        process.ask("edits", 5, answer="idle")
        _none_done(process, "in a folder that is gone")
        process.ask("close", answer="closed")
    return None


def _race(one: Process, other: Process) -> tuple[Process, Process, str]:
    """The one that has the case, the other, and the reader of the first."""
    first, second = one.until("open", "error"), other.until("open", "error")
    if (first[0], second[0]) == ("open", "error"):
        winner, loser, reader, refusal = one, other, "r1", second
    elif (first[0], second[0]) == ("error", "open"):
        winner, loser, reader, refusal = other, one, "r2", first
    else:
        raise Fault(f"of two that raced: {first} and {second}")
    if refusal[1] == "CaseInUse":
        _check_told(refusal[2], winner, reader)
    return winner, loser, reader


def _check_told(message: str, winner: Process, reader: str) -> None:
    for wanted in (f"by {reader}", socket.gethostname(), f"process {winner.pid}", "since 20"):
        if wanted not in message:
            raise Fault(f"the second is not told {wanted!r}: {message}")


def _last_edits(process: Process) -> list[str]:
    """What came of the edits asked for last."""
    words = [said[0] for said in process.said]
    start = max((n for n, word in enumerate(words[:-1]) if word not in ("do", "done", "failed", "refused")), default=0)
    return [word for word in words[start:] if word in ("done", "failed", "refused")]


def _all_done(process: Process, count: int) -> None:
    process.ask("edits", count, answer="idle")
    if "failed" in _last_edits(process):
        failure = next(said for said in reversed(process.said) if said[0] == "failed")
        raise Fault(f"an edit fails though nothing is in the way: {failure[1]}")


def _none_done(process: Process, where: str) -> None:
    if "done" in _last_edits(process):
        raise Fault(f"an edit was acknowledged {where}")


def _fill(filler: Path, leaving: int) -> None:
    """A file that takes all room but `leaving` bytes."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(file.tell() - leaving, 0))
