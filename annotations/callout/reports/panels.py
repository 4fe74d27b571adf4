"""The lettered panels that a caption speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from callout.reports.model import PanelSpan

_BRACKETED = re.compile(r"[(\[]([A-Za-z])(?:[)\]]|,[^()\[\]]{0,40}(?:arrow|asterisk|star|circle)[^()\[\]]{0,20}[)\]])")
_SEVERAL = re.compile(r"[(\[]([A-Za-z](?:\s?(?:,|&|and|[-\u2010-\u2015])\s?(?:and\s)?[A-Za-z]){1,8})[)\]]")
_BARE_PAIR = re.compile(r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))([A-Z](?:, [A-Z])*,? (?:and|&) [A-Z])(?=[,:.] |: )")
# "A Axial CT …. B Coronal CT …": letters that no sign parts from what they name.
_UNSIGNED = re.compile(r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))([A-H])(?= [A-Z][A-Za-z0-9])")
_BARE = re.compile(r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))([A-Za-z])(?=[,:.)] |: )")


def find_panels(text: str) -> tuple[PanelSpan, ...]:
    """The panels of `text`: letters in order from the first, each up to the next label.

    >>> [panel.label for panel in find_panels("Axial (A) and coronal (B) CT.")]
    ['A', 'B']
    """
    for one, more in ((_BRACKETED, _SEVERAL), (_BARE, _BARE_PAIR), (_UNSIGNED, _BARE_PAIR)):
        labels = sorted([*_labels(one, text), *_expanded(more, text)], key=lambda label: label[1])
        found = _in_order(labels)
        if len(found) > 1 and not _is_legend(text, found):
            starts = [*sorted({start for _, start in found}), len(text)]
            ends = [next(later for later in starts if later > start) for _, start in found]
            return tuple(PanelSpan(label, start, end) for (label, start), end in zip(found, ends, strict=True))
    return ()


def _labels(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    for found in pattern.finditer(text):
        yield found.group(1), found.start()


def _expanded(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    """Each letter of "(a, b)", "(a and b)" and "(a-c)", all where the bracket stands."""
    for found in pattern.finditer(text):
        said = found.group(1)
        letters = re.findall(r"\b[A-Za-z]\b", said)
        if len(letters) == 2 and "and" not in said and "," not in said and "&" not in said:
            letters = [chr(code) for code in range(ord(letters[0]), min(ord(letters[1]), ord(letters[0]) + 11) + 1)]
        for letter in letters:
            yield letter, found.start()


def _in_order(labels: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The labels a, b, c … each where it first stands, as long as they go on in one case."""
    first = next((label for label, _ in labels if label in "aA"), None)
    if first is None:
        return []
    found: list[tuple[str, int]] = []
    for label, start in labels:
        if label == chr(ord(first) + len(found)):
            found.append((label, start))
    return _out_of_order(labels, first, len(found)) or found


def _out_of_order(labels: Sequence[tuple[str, int]], first: str, ordered: int) -> list[tuple[str, int]]:
    """The labels of "sagittal (a, c) and axial (b, d)": brackets of several letters that together leave none out."""
    starts: dict[str, int] = {}
    shared = [start for _, start in labels]
    for label, start in labels:
        starts.setdefault(label, start)
    run = 0
    while chr(ord(first) + run) in starts:
        run += 1
    letters = [chr(ord(first) + number) for number in range(run)]
    if run <= ordered or not all(shared.count(starts[letter]) > 1 for letter in letters):
        return []
    return sorted(((letter, starts[letter]) for letter in letters), key=lambda label: (label[1], label[0]))


def _is_legend(text: str, labels: Sequence[tuple[str, int]]) -> bool:
    """Whether the letters name structures: "(A) aorta; (B) trachea", or "lesion (A) beside the liver (B)"."""
    ends = [start for _, start in labels[1:]] + [len(text)]
    pieces = [text[start + 3 : end].strip(" .;,)") for (_, start), end in zip(labels, ends, strict=True)]
    lists = [text[start:end] for (_, start), end in zip(labels, ends, strict=True)]
    short = all(len(piece.split()) <= 4 for piece in pieces)
    return short and all(piece.rstrip().endswith((";", ".", ",")) for piece in lists) and ";" in "".join(lists)
