"""Where a text cites figures: "Fig. 1a, b", "figures 2 and 3", "Figs. 2–4"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# "Figure" and what tells of which row of figures it is; the first letter is asked first, as most are none of these.
WORD = (
    r"(?=[aefs])(?<![^\W_])(?:(?:suppl(?:ement(?:ary|al)?)?\.?|extended\s{1,4}data|appendix)\s{1,4}|e-?)?"
    r"(?:figures|figs\.?|figuras|figura|figure|fig\.?|abbildung|abb\.)"
)
_HEAD = re.compile(rf"(?P<head>{WORD})\s{{0,4}}[(\[]?(?=(?:ED|[A-ES])?-?\d|(?-i:[IVX]))", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<prefix>(?:ED|[A-ES])?)-?(?P<number>\d{1,3}|[IVX]{1,5})(?P<letter>[A-Za-z]|\s[A-Za-z](?=\s?[)\],;–-]))?"
    r"(?!\w|[.,]\d)"
)
_LETTER = re.compile(r"(?P<letter>[A-Za-z])(?!\w)")
_JOIN = re.compile(r"\s{0,4}(?:(?P<range>[-‐-―−]|\bto\b|\bthrough\b)|,\s{0,4}(?:and\b|&)?|;|/|&|\band\b|\bor\b)\s{0,4}")
# Behind "Figure 1 and" a number is one of a figure only where nothing is counted with it ("and 2 weeks later").
_ENDS = re.compile(r"\s{0,4}(?:$|[)\].;:,/&‐-―−-]|and\b|or\b|show|demonstrat|illustrat|depict|reveal|display)")
_LONGEST_RANGE = 30


@dataclass(frozen=True, slots=True)
class Citation:
    """`[start, end)` of the text, and the labels cited there, upper case: "2", "1A", "S1"."""

    start: int
    end: int
    labels: tuple[str, ...]


def find_citations(text: str) -> Iterator[Citation]:
    """The citations of figures in `text`, in order.

    >>> [(text[c.start : c.end], c.labels) for text in ["seen in Figs. 2-4 of"] for c in find_citations(text)]
    [('Figs. 2-4', ('2', '3', '4'))]
    """
    for head in _HEAD.finditer(text):
        first = _NUMBER.match(text, head.end())
        if first is None:
            continue
        yield _citation(text, head, first)


def citation_at(text: str, start: int) -> Citation | None:
    """The citation that starts at `start` of `text`."""
    head = _HEAD.match(text, start)
    first = _NUMBER.match(text, head.end()) if head else None
    return _citation(text, head, first) if head and first else None


def row_of(word: str) -> str:
    """What stands before the number of a figure that is called `word`: "S" of a "Supplementary Figure"."""
    called = word.casefold()
    if called[0] == "f":
        return ""
    rows = {"suppl": "S", "extended": "ED", "appendix": "A", "e": "E"}
    return next((row for start, row in rows.items() if called.startswith(start)), "")


def _citation(text: str, head: re.Match[str], first: re.Match[str]) -> Citation:
    word = head["head"]
    if first["number"][0].isalpha():
        return Citation(head.start(), first.end(), (first["number"],))
    end, labels = _listed(text, first, plural=word.rstrip(".")[-1] in "sS", row=row_of(word))
    return Citation(head.start(), end, tuple(dict.fromkeys(labels)))


def citations_by_label(labels: Iterable[str], citations: Iterable[Citation]) -> dict[str, tuple[Citation, ...]]:
    """Those that cite each of the figures `labels`.

    "Figure 1A" cites the figure 1 where there is no figure 1A; "Figure 1" cites 1A and 1B where there is no 1.
    """
    found: dict[str, list[Citation]] = {label: [] for label in labels}
    known: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for label in found:
        known.setdefault(label.upper(), []).append(label)
        if label[-1:].isalpha():
            parts.setdefault(label[:-1].upper(), []).append(label)
    for citation in citations:
        cited: dict[str, None] = {}
        for label in citation.labels:
            whole = label[:-1] if label[-1:].isalpha() else label
            cited |= dict.fromkeys(known.get(label) or known.get(whole) or parts.get(label) or [])
        for label in cited:
            found[label].append(citation)
    return {label: tuple(those) for label, those in found.items()}


def _listed(text: str, first: re.Match[str], *, plural: bool, row: str) -> tuple[int, list[str]]:
    """Where a list of figures ends, and its labels."""
    prefix, number, letter = first["prefix"].upper() or row, int(first["number"]), _letter(first)
    labels = [f"{prefix}{number}{letter}"]
    end = first.end()
    while join := _JOIN.match(text, end):
        through = bool(join["range"])
        following = _NUMBER.match(text, join.end())
        if following and following["number"][0].isdigit() and (plural or through or _ENDS.match(text, following.end())):
            last = int(following["number"])
            if through and number < last <= number + _LONGEST_RANGE:
                labels += [f"{prefix}{between}" for between in range(number + 1, last)]
            prefix, number, letter = following["prefix"].upper() or prefix, last, _letter(following)
            labels.append(f"{prefix}{number}{letter}")
            end = following.end()
            continue
        lettered = _LETTER.match(text, join.end()) if letter else None
        if lettered is None or lettered["letter"].isupper() != _is_capital(text, end):
            break
        last_letter = lettered["letter"].upper()
        if through:
            labels += [f"{prefix}{number}{chr(code)}" for code in range(ord(letter) + 1, ord(last_letter))]
        letter = last_letter
        labels.append(f"{prefix}{number}{letter}")
        end = lettered.end()
    return end, labels


def _is_capital(text: str, end: int) -> bool:
    """Whether the letter that ends at `end` is a capital."""
    return text[end - 1].isupper()


def _letter(found: re.Match[str]) -> str:
    return (found["letter"] or "").strip().upper()
