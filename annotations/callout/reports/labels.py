"""How a figure is named: "Figure 1.", "FIG. 2A", "Supplementary Figure 3", "eFigure 1", "Figure II", "Fig. 1a–c".

A label is the number, and before it what tells its row of figures: "S1" of a supplement, "A1" of an appendix, "E1" of
electronic figures, "ED1" of extended data. So "Supplementary Figure 1" is never figure 1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from callout.reports.citations import WORD, citation_at, row_of

NUMBER = (
    r"(?P<label>(?:(?:ED|[A-ES])-?)?\d{1,3}(?:\.\d{1,2}(?=\s|[.:|)*_\u2013\u2014]|$))?(?:[a-z](?!\w))?"
    r"|(?-i:[IVX]{1,5}))(?!\w)"
)
_HEAD = re.compile(rf"[\s(]{{0,4}}(?P<head>{WORD})\s{{0,4}}[(\[]?{NUMBER}", re.IGNORECASE)
_BEHIND = re.compile(r"[)\]\s]{0,4}[.:|\u2013\u2014-]?\s{0,4}")
_LAST = re.compile(rf"{NUMBER}\W{{0,4}}$", re.IGNORECASE)

_GOES_ON = re.compile(r"\s{0,4}(?:[-\u2010-\u2015\u2212,;/&]|and\b|to\b|through\b|or\b)")


@dataclass(frozen=True, slots=True)
class Name:
    """The labels that are named at one place, several for "Figures 1 and 2", and where the name ends."""

    labels: tuple[str, ...]
    end: int


def label_at_start(text: str) -> tuple[str, int] | None:
    """The label that `text` starts with ("Figure 1. Axial …") and where the words behind it start."""
    found = _HEAD.match(text)
    if found is None:
        return None
    name = name_of(found, text)
    behind = _BEHIND.match(text, name.end)
    return name.labels[0], behind.end() if behind else name.end


def label_in(text: str) -> str | None:
    """The label that `text`, nothing but a label in any language, holds: "Abb. 1", "1.", "S1"."""
    if len(text) >= 60:
        return None
    found = _HEAD.match(text) or _LAST.search(text)
    if found is None:
        return None
    name = name_of(found, text)
    behind = _BEHIND.match(text, name.end)
    return name.labels[0] if behind and behind.end() == len(text) else None


def name_of(found: re.Match[str], text: str) -> Name:
    """What is named in `text` where `found`, a match with `NUMBER` and perhaps a group "head", stands.

    "Fig. 1a–c" is figure 1; "Figures 1 and 2" are both.
    """
    written = "".join(_digit(sign) for sign in found["label"] if sign != "-")
    label = written if written[0].isdigit() else written[:2].upper() + written[2:]
    head = found.groupdict().get("head")
    if head is None:
        return Name((label,), found.end("label"))
    if label[0].isdigit():
        label = row_of(head) + label
    if not _GOES_ON.match(text, found.end("label")):
        return Name((label,), found.end("label"))
    cited = citation_at(text, found.start("head"))
    if cited is None or cited.end <= found.end("label") or len(cited.labels) < 2:
        return Name((label,), found.end("label"))
    if len({one.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in cited.labels}) == 1:
        return Name((label.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),), cited.end)
    return Name(cited.labels, cited.end)


def _digit(sign: str) -> str:
    """Any script's digit as the plain one, else the sign."""
    return str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign
