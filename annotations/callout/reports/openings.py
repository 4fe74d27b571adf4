"""Where a caption opens: a figure's label, and behind it no rest of a sentence that cites the figure."""

from __future__ import annotations

import re

from callout.reports.citations import WORD
from callout.reports.labels import NUMBER, Name, name_of
from callout.reports.markup import PICTURE

LABEL = re.compile(rf"(?P<head>{WORD})\s{{0,4}}(?P<bracket>\()?{NUMBER}(?(bracket)\))", re.IGNORECASE)
_SIGN = re.compile(r"[*_]{0,3}\s{0,4}([.:|)\u2013\u2014-]?)[*_]{0,3}(?=(.?))")
_PARTED = re.compile(r"\s{1,4}[\u2013\u2014-]")
_SHOWN = re.compile(
    r"\([^()]{0,40}\)\s{1,4}(?:shows?|showed|demonstrat|reveal|depict|illustrat|display|is|are|was|were)\b"
)
_PICTURED = re.compile(
    r"(?:axial|coronal|sagittal|transverse|oblique|plain|contrast|unenhanced|chest|abdominal|pelvic|lateral|"
    r"frontal|anteroposterior|posteroanterior|photo\w*|ultraso\w*|magnetic)\b"
)
LEAD = re.compile(r"[\s>*_#|\ufffc-]{0,40}")


def opening(text: str, allowed: bool) -> Name | None:
    """The labels, and where their caption starts, of a line that starts with a figure's label."""
    lead = LEAD.match(text)
    start = lead.end() if lead else 0
    name = opening_at(text, start)
    return name if name and (allowed or PICTURE in text[:start]) else None


def opening_at(text: str, start: int) -> Name | None:
    """As `opening`, where the label starts at `start`."""
    found = LABEL.match(text, start)
    return opened_by(found, text) if found else None


def opened_by(found: re.Match[str], text: str) -> Name | None:
    """The labels, and where their caption starts, where `found` is no part of a sentence that cites the figure."""
    name = name_of(found, text)
    joined = name.end > found.end("label")
    sign = _SIGN.match(text, name.end if joined else found.end())
    parted = (
        text[found.end() : found.end() + 1].isspace()
        and text[found.end() : found.end() + 4].lstrip()[:1] in "-\u2013\u2014"
    )
    if joined and parted and not (sign and _opens(sign, text)):  # "Figure 1 - 3 cm mass" is no list of figures
        name, sign = Name(name.labels[:1], found.end()), _SIGN.match(text, found.end())
    return Name(name.labels, sign.end(1)) if sign and _opens(sign, text) else None


def _opens(sign: re.Match[str], text: str) -> bool:
    """Whether a caption follows a label, by the sign behind it and what comes then."""
    written, after = sign.group(1), sign.group(2)
    if written:
        return written in ".:|—" or (not after.isdigit() and (written not in "-)" or _is_first(after)))
    return (_is_first(after) and not _SHOWN.match(text, sign.end())) or bool(_PICTURED.match(text, sign.end()))


def _is_first(sign: str) -> bool:
    """Whether a caption may start with `sign`, where nothing parts it from its label."""
    return not sign or sign.isupper() or sign.isdigit() or sign.isspace() or sign in '([*“"'
