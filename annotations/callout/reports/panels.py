"""The panels that a caption speaks of: lettered ("(a)"), with two signs ("A.b"), or placed ("left", "top row")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from callout.reports.model import PanelSpan

_BRACKETED = re.compile(
    r"[(\[]([A-Za-z])(?:[)\]]|[,:][^()\[\]]{0,40}(?:arrow|asterisk|star|circle)[^()\[\]]{0,20}[)\]])"
)
_SEVERAL = re.compile(r"[(\[]([A-Za-z](?:\s?(?:[,&/]|and|[-\u2010-\u2015])\s?(?:and\s)?[A-Za-z]){1,8})[)\]]")
_OPENS = r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))"
_BARE_PAIR = re.compile(_OPENS + r"([A-Z](?:(?:, [A-Z])*,? (?:and|&) |\s?[-/\u2010-\u2015]\s?)[A-Z])(?=[,:.)] |: )")
# "A Axial CT …. B Coronal CT …": letters that no sign parts from what they name.
_UNSIGNED = re.compile(r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))([A-Ha-h])(?= [A-Z][A-Za-z0-9])")
_BARE = re.compile(_OPENS + r"([A-Za-z])(?=[,:.)] |: )|(?<=, )([A-Za-z])(?=: )|(?<=, )([b-h])(?=\. [A-Z])")
_HALF_BRACKETED = re.compile(r"(?:^|(?<=\s))([A-Za-z])(?=\) )")
_CALLED = re.compile(r"\b(?:[Pp]anels?|[Ff]ig(?:ure)?s?\.?)\s[(\[]?([A-Za-z])(?=[)\]]?(?:[\s,:;.]|$))")
_CALLED_SEVERAL = re.compile(
    r"\b[Pp]anels\s([A-Za-z](?:(?:, [A-Za-z])*,? (?:and|&) |\s?[-\u2010-\u2015]\s?)[A-Za-z])\b"
)
# "A.a", "A1", "1a": the second half counts within the first.
_TWICE = re.compile(
    r"[(\[]([A-Za-z]\.?[1-9]|[A-Z]\.?[a-z]|[1-9][A-Za-z])(?=[)\],\s])|(?<=and )([A-Z]\.?[a-z1-9])(?=[)\]])"
    rf"|{_OPENS}([A-Za-z][1-9]|[1-9][A-Za-z])(?=[:,)] )"
)
_TWICE_RANGE = re.compile(r"[(\[]([A-Za-z])([1-9])\s?[-\u2010-\u2015]\s?\1?([1-9])(?=[)\],])")
_NUMBERED = re.compile(_OPENS + r"[(\[]([1-9])[)\]](?=:? )")
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi")
_ROMAN = re.compile(r"[(\[](i{1,3}|iv|vi?)[)\]]")
_PLACE = (
    r"(?:(?:first|second|third)(?=\srow|\scolumn)|left|right|top|bottom|upper|lower|middle|cent(?:er|re))"
    r"(?:\s(?:left|right))?"
)
_PLACED = re.compile(
    rf"{_OPENS}[(\[]?({_PLACE}(?:\s(?:panel|row|column|image|picture))?)(?:[)\]]|[:,](?=\s))"
    rf"|[(\[]({_PLACE}(?:\s(?:panel|row|column|image|picture))?)[)\]]",
    re.IGNORECASE,
)
_WORDS = (
    r"(?:axial|coronal|sagittal|\bCT|\bMRI?|T[12]|flair|stir|dwi|images?|scans?|views?|sections?|reconstructions?"
    r"|phase|windows?|contrast|before|after|weighted)\b"
)
_PICTURE = re.compile(_WORDS, re.IGNORECASE)
_OF_PICTURE = re.compile(_WORDS + r"[^.;()]{0,24}$", re.IGNORECASE)
_PAIRS = (("left", "right"), ("top", "bottom"), ("upper", "lower"), ("first", "second"))


def find_panels(text: str) -> tuple[PanelSpan, ...]:
    """The panels of `text`: letters in order from the first, each up to the next label.

    >>> [panel.label for panel in find_panels("Axial (A) and coronal (B) CT.")]
    ['A', 'B']
    """
    for one, more in (
        (_BRACKETED, _SEVERAL),
        (_BARE, _BARE_PAIR),
        (_UNSIGNED, _BARE_PAIR),
        (_CALLED, _CALLED_SEVERAL),
        (_HALF_BRACKETED, _BARE_PAIR),
    ):
        labels = sorted([*_labels(one, text), *_expanded(more, text)], key=lambda label: label[1])
        found = _in_order(labels)
        if len(found) > 1 and not _is_legend(text, found):
            return _spans(text, found)
    for named in (_twice(text), _roman(text), _numbered(text), _placed(text)):
        if len(named) > 1:
            return _spans(text, named)
    return ()


def _spans(text: str, found: Sequence[tuple[str, int]]) -> tuple[PanelSpan, ...]:
    starts = [*sorted({start for _, start in found}), len(text)]
    ends = [next(later for later in starts if later > start) for _, start in found]
    return tuple(PanelSpan(label, start, end) for (label, start), end in zip(found, ends, strict=True))


def _twice(text: str) -> list[tuple[str, int]]:
    """The labels of two halves, in order: the second goes on by one, or starts again where the first goes on by one."""
    found: list[tuple[str, int]] = []
    labels = list(_labels(_TWICE, text))
    for match in _TWICE_RANGE.finditer(text):
        low, high = int(match.group(2)), int(match.group(3))
        labels += [(f"{match.group(1)}{number}", match.start()) for number in range(low, high + 1)]
    for label, start in sorted(labels, key=lambda label: label[1]):
        first, second = ord(label[0]), ord(label[-1])
        if not found and label[0] in "aA1" and label[-1] in "aA1":
            found.append((label, start))
        elif found:
            before, last = ord(found[-1][0][0]), ord(found[-1][0][-1])
            starts = ord(found[0][0][-1])
            if (first, second) in ((before, last + 1), (before + 1, starts)):
                found.append((label, start))
    return found


def _roman(text: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for match in _ROMAN.finditer(text):
        if len(found) < len(_ROMANS) and match.group(1) == _ROMANS[len(found)]:
            found.append((match.group(1), match.start()))
    return found


def _numbered(text: str) -> list[tuple[str, int]]:
    """The labels of "(1) CT. (2) MRI": each opens a sentence on a picture; other numbers name what they stand at."""
    found: list[tuple[str, int]] = []
    for match in _NUMBERED.finditer(text):
        if match.group(1) == str(len(found) + 1) and _PICTURE.search(text, match.end(), match.end() + 60):
            found.append((match.group(1), match.start()))
    return found


def _placed(text: str) -> list[tuple[str, int]]:
    """ "Left: axial CT. Right: coronal CT", "axial (left) and coronal CT (right)": both of a pair, of pictures."""
    found: dict[str, int] = {}
    for match in _PLACED.finditer(text):
        label = match.group(1) or match.group(2)
        opens = match.group(1) is not None and (
            match.end() - match.start() == len(label) + 1 or text[match.start()] in "(["
        )
        if opens or _OF_PICTURE.search(text, max(match.start() - 60, 0), match.start()):
            found.setdefault(label, match.start())
    said = {word for label in found for word in label.casefold().split()}
    return list(found.items()) if any(said >= set(pair) for pair in _PAIRS) else []


def _labels(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    for found in pattern.finditer(text):
        yield next(label for label in found.groups() if label), found.start()


def _expanded(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    """Each letter of "(a, b)", "(a and b)" and "(a-c)", all where the bracket stands."""
    for found in pattern.finditer(text):
        said = found.group(1)
        letters = re.findall(r"\b[A-Za-z]\b", said)
        if len(letters) == 2 and "and" not in said and not set(",&/") & set(said):
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
    """Whether the letters name structures: "(A) aorta; (B) trachea", or "aorta (A) and bladder (B)"."""
    if all(_is_initial(text, label, start) for label, start in labels):
        return True
    ends = [start for _, start in labels[1:]] + [len(text)]
    pieces = [text[start + 3 : end].strip(" .;,)") for (_, start), end in zip(labels, ends, strict=True)]
    lists = [text[start:end] for (_, start), end in zip(labels, ends, strict=True)]
    short = all(len(piece.split()) <= 4 for piece in pieces) and not any(map(_PICTURE.search, pieces))
    return short and all(piece.rstrip().endswith((";", ".", ",")) for piece in lists) and ";" in "".join(lists)


def _is_initial(text: str, label: str, start: int) -> bool:
    """Whether the bracketed letter is the first of the word before it, and that word tells of no picture."""
    before = text[max(start - 30, 0) : start].split()
    return bool(before) and before[-1][:1].casefold() == label.casefold() and not _OF_PICTURE.search(before[-1])
