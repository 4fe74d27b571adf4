"""What every reader of a format gives: a report before its words are analysed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callout.reports.model import Folded, Picture, Skipped

_ROMAN = {"I": 1, "V": 5, "X": 10}
_NUMBERED = re.compile(r"(\D*)(\d*)(.*)")


@dataclass(frozen=True, slots=True)
class Legend:
    """A figure's label, its caption (white space folded), and its pictures.

    `pictures` are the targets to look for beside the file, as written; `embedded` are those that the file itself
    carries, each by a name that no other of the file has. `cited` are spans of the body that the file itself marks
    as citing the figure.
    """

    label: str
    text: Folded
    pictures: tuple[str, ...] = ()
    embedded: tuple[Picture, ...] = ()
    cited: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A document in parts: title, captions, body; white space folded; `skipped` tells which pictures can't be shown."""

    title: str | None
    legends: tuple[Legend, ...]
    body: Folded
    skipped: tuple[Skipped, ...] = ()


def folded(text: str) -> str:
    """`text` with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def in_label_order(legends: Iterable[Legend]) -> tuple[Legend, ...]:
    """The legends by label: 1, 2, 2A, 10 (or I, II, V), then A1, S1."""
    return tuple(sorted(legends, key=lambda legend: _order(legend.label)))


def _order(label: str) -> tuple[str, int, str]:
    if label and not label.strip("IVX"):
        values = [_ROMAN[sign] for sign in label]
        return "", sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True)), ""
    found = _NUMBERED.match(label)
    prefix, number, suffix = found.groups() if found else ("", "", label)
    return prefix.upper(), int(number or 0), suffix.upper()
