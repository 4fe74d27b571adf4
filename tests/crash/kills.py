"""Rounds in which the writer is killed."""

from __future__ import annotations

import time

from crash.account import Fault
from crash.process import Process
from crash.stage import Stage


def while_writing(stage: Stage) -> None:
    """Several kills in succession, each while edits are made."""
    for turn in range(stage.random.randint(1, 4)):
        with stage.process() as process:
            if turn:
                process.ask("open", stage.case, stage.reader, answer="open")
            else:
                stage.create(process)
            process.tell("edits", 1_000_000)
            stage.kill(process, 0.8)
        stage.check()


def while_creating(stage: Stage) -> None:
    """Either there is no case, and another can be made, or there is a whole one; no edits in it."""
    with stage.process() as process:
        process.tell("create", *stage.making(stage.case), stage.reader)
        process.until("creating")
        if stage.random.random() < 0.7:
            _wait_for_a_file(stage, process)
            stage.kill(process, 0.03)
        else:
            stage.kill(process, 0.3)
        made = any(said[0] == "open" for said in process.said)
    if stage.case.exists():
        return stage.check()
    if made:
        raise Fault("the case was made, and is not there")
    stage.check_none()
    with stage.process() as process:
        stage.create(process)
        process.ask("close", answer="closed")
    return stage.check()


def while_opening(stage: Stage) -> None:
    """A log has to be recovered, and whoever does it is killed too."""
    stage.left_by_a_kill(600)
    for _ in range(2):
        with stage.process() as process:
            process.tell("open", stage.case, stage.reader)
            process.until("opening")
            stage.kill(process, 0.06)
    stage.check()


def while_closing(stage: Stage) -> None:
    """The log is being folded in."""
    with stage.process() as process:
        stage.create(process)
        process.ask("edits", stage.random.randrange(1, 600), answer="idle")
        process.tell("close")
        process.until("closing")
        stage.kill(process, 0.02)
    stage.check()


def _wait_for_a_file(stage: Stage, process: Process) -> None:
    """Wait until something lies in the case's folder, but not long: most of creation is reading images."""
    end = time.monotonic() + 2
    while time.monotonic() < end and not any(stage.case.parent.iterdir()):
        time.sleep(0.0002)
