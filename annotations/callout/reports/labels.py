"""How a figure is named: "Figure 1.", "FIG. 2A", "Supplementary Figure 3", "S1"."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"[\s(]{0,4}(?P<supplement>suppl(?:ement(?:ary|al)?)?\.?\s{1,4})?fig(?:ures?|s?\.|s)?[\s\u00a0]{0,4}"
    r"(?P<label>[SA]?\d{1,3}(?:[a-zA-Z](?!\w))?)(?!\w)[)\s]{0,4}[.:|\u2013\u2014-]?\s{0,4}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<label>[SA]?\d{1,3}(?:[a-zA-Z](?!\w))?)\W{0,4}$", re.IGNORECASE)


def label_at_start(text: str) -> tuple[str, int] | None:
    """The label that `text` starts with ("Figure 1. Axial …") and where the words behind it start."""
    found = _NAME.match(text)
    return (_upright(found), found.end()) if found else None


def label_in(text: str) -> str | None:
    """The label that `text`, nothing but a label in any language, holds: "Abb. 1", "1.", "S1"."""
    found = _NAME.fullmatch(text) or (_NUMBER.search(text) if len(text) < 60 else None)
    return _upright(found) if found else None


def _upright(found: re.Match[str]) -> str:
    label = found["label"]
    label = label[:1].upper() + label[1:]
    supplement = found.groupdict().get("supplement") and label[0].isdigit()
    return f"S{label}" if supplement else label
