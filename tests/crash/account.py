"""What a case has to hold: the edits that a writer announced and acknowledged, folded by other code than the case's.

Ids are those the case promises: `f12` is the finding that edit 12 added. Masks are bool (k, j, i) arrays, flipped.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

SHAPE = (3, 64, 64)  # of the series that the crash tests draw on
Bits = npt.NDArray[np.bool_]
Change = tuple[str, str, Any, Any]  # kind, id, before, after
Flip = tuple[str, Bits]  # region, voxels


class Fault(AssertionError):
    """The case does not hold what it has to."""


def digest(findings: Iterable[Any], regions: Iterable[Any], links: Iterable[Any], masks: Mapping[str, Bits]) -> str:
    """One word for what stands: findings as (id, concept, reader, note), regions and links as (id, of what)."""
    records = [sorted(map(list, part)) for part in (findings, regions, links)]
    whole = hashlib.sha256(json.dumps(records).encode())
    for name in sorted(masks):
        whole.update(np.packbits(masks[name]).tobytes())
    return whole.hexdigest()[:16]


def scribble(seed: int) -> Bits:
    """What a stroke flips on a slice: noise in a box somewhere, bool (rows, columns), never empty."""
    random = np.random.default_rng(seed)
    bits = np.zeros(SHAPE[1:], bool)
    (j, i), (rows, columns) = random.integers(0, 60, 2), random.integers(1, 48, 2)
    box = bits[j : j + rows, i : i + columns]
    box[...] = random.random(box.shape) < 0.5
    bits[j, i] = True
    return bits


class Account:
    """The edits of one case as its writers told them; `Fault` as soon as something told can't be."""

    def __init__(self) -> None:
        self.number = 0  # of the last edit that stands in the file
        self.failures = 0  # edits that failed
        self.pending: dict[str, Any] | None = None  # announced, not acknowledged
        self._records: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._masks: dict[str, Bits] = defaultdict(lambda: np.zeros(SHAPE, bool))
        self._undo: dict[str, list[tuple[list[Change], list[Flip]]]] = defaultdict(list)
        self._redo: dict[str, list[tuple[list[Change], list[Flip]]]] = defaultdict(list)

    def hear(self, said: list[Any]) -> None:
        """Take in one line of a writer."""
        word, *rest = said
        if word == "do":
            self.pending = rest[0]
        elif word == "done":
            self._apply()
            self.expect(*rest)
        elif word in ("refused", "failed"):
            self.pending = None
            self.failures += word == "failed"
            self.expect(*rest[-2:])
        elif word == "open":
            self.settle(*rest)

    def settle(self, number: int, stands: str) -> None:
        """The case was opened: it holds the acknowledged edits, or one more, whole."""
        if self.pending is not None and number == self.number + 1:
            self._apply()
        self.pending = None
        self.expect(number, stands)

    def expect(self, number: int, stands: str | None) -> None:
        """The case has that many edits, and `stands` is the digest of what stands (None: it could not be read)."""
        if number != self.number:
            raise Fault(f"{number} edits stand where {self.number} were acknowledged")
        if stands is not None and stands != self.digest():
            raise Fault(f"after edit {number} something else stands than was told")

    def digest(self) -> str:
        """The digest of what has to stand."""
        parts: dict[str, list[Any]] = {"finding": [], "region": [], "link": []}
        for (kind, name), values in self._records.items():
            parts[kind].append((name, *values))
        masks = {name: self._masks[name] for name, _ in parts["region"]}
        return digest(parts["finding"], parts["region"], parts["link"], masks)

    def _apply(self) -> None:
        if self.pending is None:
            raise Fault("an edit was acknowledged that was never announced")
        edit, self.pending = self.pending, None
        self.number += 1
        undo, redo = self._undo[edit["reader"]], self._redo[edit["reader"]]
        if edit["kind"] == "undo":
            redo.append(undo.pop())
            self._take([(k, n, after, before) for k, n, before, after in reversed(redo[-1][0])], redo[-1][1])
        elif edit["kind"] == "redo":
            undo.append(redo.pop())
            self._take(*undo[-1])
        else:
            redo.clear()
            undo.append(self._meaning(edit))
            self._take(*undo[-1])

    def _take(self, changes: Iterable[Change], flips: Iterable[Flip]) -> None:
        for kind, name, before, after in changes:
            if self._records.get((kind, name)) != before:
                raise Fault(f"edit {self.number} changes a {kind} {name} that does not stand like that")
            if after is None:
                del self._records[kind, name]
            else:
                self._records[kind, name] = after
        for region, bits in flips:
            self._masks[region] = self._masks[region] ^ bits

    def _meaning(self, edit: dict[str, Any]) -> tuple[list[Change], list[Flip]]:
        number, kind = self.number, edit["kind"]
        finding, region, link = f"f{number}", f"r{number}", f"l{number}"
        if kind == "finding":
            return [("finding", finding, None, (edit["concept"], edit["reader"], edit["note"]))], []
        if kind == "region":
            return [("region", region, None, (edit["finding"],))], []
        if kind == "link":
            return [("link", link, None, (edit["finding"], edit["mention"]))], []
        if kind == "note":
            before = self._records["finding", edit["finding"]]
            return [("finding", edit["finding"], before, (*before[:2], edit["note"]))], []
        if kind == "paint":
            return [], [(edit["region"], on_slice(edit["k"], edit["seed"]))]
        if kind == "several":
            changes: list[Change] = [
                ("finding", finding, None, (edit["concept"], edit["reader"], edit["note"])),
                ("region", region, None, (finding,)),
                ("link", link, None, (finding, edit["mention"])),
            ]
            return changes, [(region, on_slice(k, edit["seed"])) for k in range(SHAPE[0])]
        if kind == "remove":
            gone = [
                key for key, values in self._records.items() if key[0] != "finding" and values[0] == edit["finding"]
            ]
            flips = [(name, self._masks[name]) for part, name in gone if part == "region"]
            return [(*key, self._records[key], None) for key in [*gone, ("finding", edit["finding"])]], flips
        raise Fault(f"an edit of no kind: {kind}")


def on_slice(k: int, seed: int) -> Bits:
    """The scribble on slice `k` of the whole series, bool (k, j, i)."""
    bits = np.zeros(SHAPE, bool)
    bits[k] = scribble(seed)
    return bits
