"""The pages of a PDF as words and pictures, each with its place (ISO 32000-2, clauses 8.3, 9.3 and 9.4).

Places are in points, x to the right and y down the page, in the direction that most of its text is read in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from callout.errors import InputError
from callout.reports.glyphs import Glyphs

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 12  # forms within forms
_FORMS = 2_000
_WORDS = 200_000  # of a document
_GAP = 0.16  # of the type's size: less between two strings is the same word


@dataclass(slots=True)
class Word:
    """A word: from x0 to x1 on the base line y, in type of that size; `spaced` where a space stands before it."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    font: str
    spaced: bool = False


@dataclass(slots=True)
class Placed:
    """A picture on a page: its box, and the stream that holds it."""

    x0: float
    top: float
    x1: float
    bottom: float
    stream: Any = field(repr=False)


@dataclass(slots=True)
class Page:
    """What a page shows; `top` and `bottom` are its edges."""

    words: list[Word]
    pictures: list[Placed]
    top: float
    bottom: float


@dataclass(slots=True)
class _Text:
    """The text state (clause 9.3.1)."""

    font: Any = None
    size: float = 0.0
    character_spacing: float = 0.0
    word_spacing: float = 0.0
    scaling: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


@dataclass(slots=True)
class _Shown:
    """Part of a string without a space: where it starts and ends on the page, and the way that it runs."""

    text: str
    start: tuple[float, float]
    end: tuple[float, float]
    size: float
    font: str
    spaced: bool


def read_pages(reader: Any) -> Iterator[Page]:
    """The pages of a pypdf reader, in order.

    Raises:
        InputError: there are more words or forms than a report has.
    """
    words = 0
    fonts: dict[int, Any] = {}
    for page in reader.pages:
        content = _Content(fonts, _WORDS - words)
        content.run(page.get("/Contents"), _resources(page), IDENTITY, 0)
        words += len(content.shown)
        yield _upright(content, page)


class _Content:
    """One page's content while it is run (clause 7.8.2)."""

    def __init__(self, fonts: dict[int, Any], room: int) -> None:
        self.fonts = fonts
        self.room = room
        self.shown: list[_Shown] = []
        self.pictures: list[tuple[Matrix, Any]] = []
        self.forms = 0
        self.spaced = False

    def run(self, stream: Any, resources: Any, matrix: Matrix, depth: int) -> None:
        """Run the operators of a content stream that stands under `matrix`."""
        from pypdf.generic import ContentStream, StreamObject

        stream = stream.get_object() if stream is not None else None
        if not isinstance(stream, (StreamObject, list)):
            return
        text = _Text()
        stack: list[tuple[Matrix, _Text]] = []
        line = at = IDENTITY
        for operands, operator in ContentStream(stream, None, "bytes").operations:
            try:
                if operator == b"q":
                    stack.append((matrix, replace(text)))
                elif operator == b"Q":
                    matrix, text = stack.pop() if stack else (matrix, text)
                elif operator == b"cm":
                    matrix = _times(_matrix(operands), matrix)
                elif operator == b"BT":
                    line = at = IDENTITY
                elif operator == b"Tm":
                    line = at = _matrix(operands)
                elif operator in (b"Td", b"TD"):
                    if operator == b"TD":
                        text.leading = -float(operands[1])
                    line = at = _times((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
                elif operator == b"T*":
                    line = at = _times((1, 0, 0, 1, 0, -text.leading), line)
                elif operator == b"Tf":
                    text.font, text.size = self._font(resources, operands[0]), float(operands[1])
                elif operator in (b"Tj", b"TJ"):
                    items = operands[0] if operator == b"TJ" else operands
                    at = self._show(items, text, at, matrix)
                elif operator in (b"'", b'"'):
                    if operator == b'"':
                        text.word_spacing, text.character_spacing = float(operands[0]), float(operands[1])
                    line = _times((1, 0, 0, 1, 0, -text.leading), line)
                    at = self._show(operands[-1:], text, line, matrix)
                elif operator == b"Do":
                    self._do(resources, operands[0], matrix, depth)
                else:
                    _set(text, operator, operands)
            except InputError:
                raise
            except (TypeError, ValueError, IndexError, KeyError, AttributeError):
                continue  # one operator that makes no sense: readers go on behind it (clause 7.8.2)

    def _font(self, resources: Any, name: Any) -> Any:
        resource = resources["/Font"][name]
        known = self.fonts.get(id(resource))
        if known is None:
            known = (Glyphs(resource.get_object()), resource)  # kept, so that its id stays its own
            self.fonts[id(resource)] = known
        return known[0]

    def _show(self, items: Any, text: _Text, at: Matrix, matrix: Matrix) -> Matrix:
        for item in items:
            if isinstance(item, (int, float)):
                shift = -float(item) / 1000 * text.size * text.scaling
                at = _times((1, 0, 0, 1, shift, 0), at)
            elif text.font is not None:
                at = self._string(item, text, at, matrix)
        return at

    def _string(self, string: Any, text: _Text, at: Matrix, matrix: Matrix) -> Matrix:
        """Show a string: its words with their places, broken at spaces."""
        whole = _times(at, matrix)
        size = text.size * math.hypot(whole[2], whole[3])
        x = start = 0.0
        letters: list[str] = []
        for letter, width, is_spaced in map(text.font.__getitem__, text.font.codes(string)):
            step = (width / 1000 * text.size + text.character_spacing) * text.scaling
            if is_spaced:
                step += text.word_spacing * text.scaling
            if letter.isspace():
                self._add(letters, start, x, whole, size, text)
                self.spaced = True
                start, letters = x + step, []
            else:
                letters.append(letter)
            x += step
        self._add(letters, start, x, whole, size, text)
        return _times((1, 0, 0, 1, x, 0), at)

    def _add(self, letters: list[str], start: float, end: float, whole: Matrix, size: float, text: _Text) -> None:
        words = "".join(letters)
        if not words or not size:
            return
        places = (_point(whole, start, text.rise), _point(whole, end, text.rise))
        if not all(math.isfinite(value) and abs(value) < 1e6 for place in places for value in place):
            return
        if len(self.shown) >= self.room:
            raise InputError("the text is too long for a report", "", "give the case report alone")
        self.shown.append(_Shown(words, *places, size, text.font.name, self.spaced))
        self.spaced = False

    def _do(self, resources: Any, name: Any, matrix: Matrix, depth: int) -> None:
        stream = resources["/XObject"][name].get_object()
        if stream.get("/Subtype") == "/Image":
            self.pictures.append((matrix, stream))
            return
        self.forms += 1
        if depth >= _DEEPEST or self.forms > _FORMS:
            raise InputError("the PDF draws itself over and over", "", "print it to a new PDF, or save it as text")
        inner = _times(_matrix(stream.get("/Matrix", IDENTITY)), matrix)
        self.run(stream, _resources(stream) or resources, inner, depth + 1)


def _set(text: _Text, operator: bytes, operands: list[Any]) -> None:
    """The operators that set one number of the text state (clause 9.3.1, table 103)."""
    if operator == b"Tc":
        text.character_spacing = float(operands[0])
    elif operator == b"Tw":
        text.word_spacing = float(operands[0])
    elif operator == b"Tz":
        text.scaling = float(operands[0]) / 100
    elif operator == b"TL":
        text.leading = float(operands[0])
    elif operator == b"Ts":
        text.rise = float(operands[0])


def _resources(holder: Any) -> Any:
    """A page's resources, which it may have from the pages above it; a form's own."""
    for _ in range(64):
        if holder is None:
            break
        found = holder.get("/Resources")
        if found is not None:
            return found.get_object()
        above = holder.get("/Parent")
        holder = above.get_object() if above is not None else None
    return {}


def _upright(content: _Content, page: Any) -> Page:
    """The page turned so that most of its letters run to the right, y down."""
    turns = Counter[int]()
    for shown in content.shown:
        turns[_turn(shown)] += len(shown.text)
    turn = turns.most_common(1)[0][0] if turns else (int(page.get("/Rotate", 0) or 0) // 90) % 4
    words: list[Word] = []
    for shown in content.shown:
        if _turn(shown) == turn:
            (x0, y), (x1, _) = _turned(shown.start, turn), _turned(shown.end, turn)
            words.append(Word(shown.text, x0, x1, -y, shown.size, shown.font, shown.spaced))
    box = page.mediabox
    edges = [_turned(corner, turn) for corner in ((box.left, box.bottom), (box.right, box.top))]
    heights = sorted(-y for _, y in edges)
    pictures = [_placed(matrix, stream, turn) for matrix, stream in content.pictures]
    return Page(_joined(_once(words)), pictures, heights[0], heights[1])


def _once(words: list[Word]) -> list[Word]:
    """The words, each once where it was set twice to look bold or to cast a shadow."""
    places: dict[str, list[Word]] = {}
    kept = []
    for word in words:
        same = places.setdefault(word.text, [])
        near = 0.15 * word.size
        if not any(abs(one.x0 - word.x0) < near and abs(one.y - word.y) < near for one in same[-8:]):
            same.append(word)
            kept.append(word)
    return kept


def _turn(shown: _Shown) -> int:
    """The way a string runs, in quarter turns: 0 to the right, 1 up, 2 to the left, 3 down."""
    run, rise = shown.end[0] - shown.start[0], shown.end[1] - shown.start[1]
    return round(math.atan2(rise, run) / (math.pi / 2)) % 4


def _turned(point: tuple[Any, Any], turn: int) -> tuple[float, float]:
    x, y = float(point[0]), float(point[1])
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turn]


def _placed(matrix: Matrix, stream: Any, turn: int) -> Placed:
    """Where the unit square lies that a picture fills (clause 8.9.5)."""
    corners = [_turned(_point(matrix, x, y), turn) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    across, down = [x for x, _ in corners], [-y for _, y in corners]
    return Placed(min(across), min(down), max(across), max(down), stream)


def _joined(words: list[Word]) -> list[Word]:
    """The words, with those parts put together that follow each other without a gap."""
    whole: list[Word] = []
    for word in words:
        last = whole[-1] if whole else None
        near = _GAP * word.size
        if (
            last is not None
            and not word.spaced
            and abs(last.y - word.y) < near
            and -2 * near < word.x0 - last.x1 < near
            and abs(last.size - word.size) < 0.2 * word.size
        ):
            last.text, last.x1 = last.text + word.text, max(last.x1, word.x1)
        else:
            whole.append(word)
    return whole


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in operands)
    return a, b, c, d, e, f


def _times(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _point(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]
