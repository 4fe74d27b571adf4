"""The process that is killed: it does to a case what it is told on stdin, and tells what it did on stdout.

One JSON list a line, both ways. An edit is announced (`do`) before it is made, and acknowledged (`done`, with the
number of edits and the digest of what stands) when the call has returned: `failed` is a CaseError.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from crash import planted
from crash.account import SHAPE, digest, on_slice, scribble

import callout
from callout.case import Case
from callout.errors import CaseError, EditRefused

NOBODY = 65534
CONCEPTS = ("cavity", "nodule", "consolidation", "mass")


def standing(case: Case) -> str:
    """The digest of what stands in an open case."""
    return digest(
        [(f.id, f.concept, f.reader, f.note) for f in case.findings],
        [(region.id, region.finding_id) for region in case.regions],
        [(link.id, link.finding_id, link.mention_id) for link in case.links],
        {region.id: case.mask(region) for region in case.regions},
    )


def say(*words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Writer:
    """One method a command."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.case: Case | None = None

    def create(self, path: str, images: str, report: str, reader: str) -> None:
        say("creating")
        self._opened(callout.create_case(path, images, report, reader=reader))

    def open(self, path: str, reader: str) -> None:
        say("opening")
        self._opened(callout.open_case(path, reader=reader))

    def look(self, path: str) -> None:
        with callout.open_case(path, read_only=True) as case:
            say("open", len(case.history), standing(case))

    def edits(self, count: int) -> None:
        for _ in range(count):
            self._one_edit()
        say("idle")

    def limit(self, size: int | None) -> None:
        """No file may grow beyond `size` bytes: what a full disk is to a program."""
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
        say("idle")

    def be_nobody(self, other: str, images: str, report: str) -> None:
        """Go on as a user whom permissions bind; with everything imported, since that user may not read the modules."""
        callout.create_case(other, images, report).close()
        with callout.open_case(other) as case:
            case.add_finding("cavity")
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        say("idle")

    def clock(self) -> None:
        """From now on each edit is made a minute before the last one."""
        import callout.case.editing as module

        class Backward(datetime):
            last = datetime.now(UTC)

            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                cls.last -= timedelta(minutes=1)
                return cls.last.astimezone(tz)

        module.datetime = Backward  # type: ignore[misc]
        say("idle")

    def close(self) -> None:
        say("closing")
        if self.case is not None:
            self.case.close()
        say("closed")

    def _opened(self, case: Case) -> None:
        self.case = case
        say("open", len(case.history), standing(case))

    def _one_edit(self) -> None:
        case = self.case
        if case is None:
            raise RuntimeError("no case is open")
        edit = self._choose(case)
        say("do", edit)
        try:
            self._make(case, edit)
        except EditRefused:
            say("refused", len(case.history), standing(case))
        except CaseError as error:
            try:
                stands = standing(case)
            except CaseError:  # the file is out of reach
                stands = None
            say("failed", str(error), len(case.history), stands)
        else:
            say("done", len(case.history), standing(case))

    def _choose(self, case: Case) -> dict[str, Any]:
        choose, mine = self.random, [finding for finding in case.findings if finding.reader == case.reader]
        regions = [region for region in case.regions if region.finding_id in {finding.id for finding in mine}]
        bare = [finding for finding in mine if finding.id not in {region.finding_id for region in regions}]
        linked = {(link.finding_id, link.mention_id) for link in case.links}
        pairs = [(f.id, m.id) for f in case.findings for m in case.mentions if (f.id, m.id) not in linked]
        new = {"concept": choose.choice(CONCEPTS), "note": f"note {choose.random()} é"}
        possible: list[tuple[float, dict[str, Any]]] = [(2, {"kind": "undo"}), (2, {"kind": "redo"})]
        if len(mine) < 5:
            possible += [(1, {"kind": "finding", **new})]
            possible += [(1, {"kind": "several", **new, "mention": choose.choice(case.mentions).id})]
        if bare:
            possible += [(2, {"kind": "region", "finding": choose.choice(bare).id})]
        if regions:
            possible += [(12, {"kind": "paint", "region": choose.choice(regions).id, "k": choose.randrange(SHAPE[0])})]
        if pairs:
            finding, mention = choose.choice(pairs)
            possible += [(1, {"kind": "link", "finding": finding, "mention": mention})]
        if mine:
            possible += [(1, {"kind": "note", "finding": choose.choice(mine).id, "note": new["note"]})]
            possible += [(0.3, {"kind": "remove", "finding": choose.choice(mine).id})]
        [(_, edit)] = choose.choices(possible, [weight for weight, _ in possible])
        return {**edit, "reader": case.reader, "seed": choose.randrange(1 << 32)}

    def _make(self, case: Case, edit: dict[str, Any]) -> None:
        kind, seed = edit["kind"], edit["seed"]
        if kind in ("undo", "redo"):
            case.undo() if kind == "undo" else case.redo()
        elif kind == "finding":
            case.add_finding(edit["concept"], note=edit["note"])
        elif kind == "region":
            case.add_region(edit["finding"], case.series[0].id)
        elif kind == "paint":
            case.paint(edit["region"], edit["k"], case.mask(edit["region"])[edit["k"]] ^ scribble(seed))
        elif kind == "link":
            case.link(edit["finding"], edit["mention"])
        elif kind == "note":
            case.change_finding(edit["finding"], note=edit["note"])
        elif kind == "remove":
            case.remove_finding(edit["finding"])
        else:
            with case.one_edit("several at once"):
                finding = case.add_finding(edit["concept"], note=edit["note"])
                region = case.add_region(finding, case.series[0].id)
                case.link(finding, edit["mention"])
                case.set_mask(region, sum(on_slice(k, seed) for k in range(SHAPE[0])) > 0)


def main(seed: int, fault: str) -> None:
    if fault:
        planted.FAULTS[fault]()
    writer = Writer(seed)
    say("ready")
    for line in sys.stdin:
        command, *values = json.loads(line)
        try:
            getattr(writer, command)(*values)
        except CaseError as error:
            say("error", type(error).__name__, str(error))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
