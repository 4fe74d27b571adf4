"""What commands print: one JSON document, or tables for people; progress on a terminal's stderr only."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from callout.errors import printable

PLAIN = str.maketrans({"—": "-", "–": "-", "−": "-", "×": "x", "·": "|", "…": "...", "─": "-", "↔": "<->"})
_PIECE = 1000


def print_json(document: Any) -> None:
    """One document on stdout, as UTF-8 whatever the locale."""
    pieces = [_harmless(piece).encode("utf-8", "backslashreplace") for piece in _json_pieces(document)]
    sys.stdout.buffer.writelines([*pieces, b"\n"])
    sys.stdout.buffer.flush()


def _harmless(text: str) -> str:
    """`text` with the controls escaped that JSON leaves and a terminal would act on."""
    return re.sub("[\x7f-\x9f]", lambda control: f"\\u{ord(control[0]):04x}", text)


def _json_pieces(document: Any) -> Iterator[str]:
    """The document as JSON; its own long lists, and what is made as it is asked for, in pieces.

    So a long report does not stand in memory thrice.
    """
    if not isinstance(document, dict):
        yield _json(document)
        return
    opening = "{"
    for key, value in document.items():
        yield f"{opening}{_json(key)}: "
        if isinstance(value, Iterator) or (isinstance(value, list) and len(value) > _PIECE):
            values, before = iter(value), "["
            while piece := list(islice(values, _PIECE)):
                yield before + _json(piece)[1:-1]
                before = ", "
            yield "[]" if before == "[" else "]"
        else:
            yield _json(value)
        opening = ", "
    yield "{}" if not document else "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table for people; nothing in a cell can act on the terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
    wide = console()
    with wide.capture() as captured:
        wide.print(table)
    _write(sys.stdout, "\n".join(line.rstrip() for line in captured.get().split("\n")).strip("\n") + "\n")


def say(text: str) -> None:
    """A line on stdout, printable."""
    _write(sys.stdout, printable(text))


def warn(text: str) -> None:
    """A line on stderr, printable."""
    _write(sys.stderr, "callout: " + printable(text))


def _write(stream: Any, text: str) -> None:
    """A line, in whatever the stream can write."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(PLAIN)
        text = plain.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text + "\n")


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """For each id its shortest ending of at least six characters that no other id contains, else the whole."""
    short = {}
    for one in ids:
        endings = (one[-length:] for length in range(6, len(one)))
        short[one] = next((end for end in endings if sum(end in other for other in ids) == 1), one)
    return short


def console() -> Any:
    """rich's console on stdout; wide enough for whole lines where there is no terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 1000)


def millimetres(values: Iterable[float]) -> str:
    """Lengths as people read them: `5 × 0.75 × 0.75`."""
    return " × ".join(f"{value:.3g}" for value in values)
