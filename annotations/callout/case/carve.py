"""What rows the bytes of a damaged SQLite 3 database still hold.

A table's leaf page says by itself which rows lie on it, so header, schema and interior pages may be gone.
Sections (§) are those of "Database File Format", sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Value: TypeAlias = int | float | str | bytes | None
Row: TypeAlias = tuple[int, tuple[Value, ...]]

PAGE_SIZES = 4096, 512, 1024, 2048, 8192, 16384, 32768, 65536  # §1.3.2; the usual one first
TABLE_LEAF = 0x0D  # §1.6
HEADER = b"SQLite format 3\0"  # §1.3.1
INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)  # of serial types 0 to 6, §2.1
MOST_COLUMNS = 32_767  # the most that SQLite can be built for


def carve(database: bytes, log: bytes = b"") -> Iterator[Row]:
    """(rowid, column values) of every row on any leaf page of a table, the schema's own rows among them.

    database: the file; log: the write-ahead log beside it, used up to its last whole transaction. Rows of the file's
    pages come first, in the order of the pages, then those of pages that the log replaces or adds; what the file has of
    replaced pages is not read, so where the log may be older than the file, carve the file without it too.

    Values are as stored: an INTEGER PRIMARY KEY is None (the rowid has it), 1.0 in a REAL column is 1. A row that does
    not fit the format in every length is left out; but SQLite keeps no checksum of a page, so bytes that changed inside
    a value show nowhere: look at what the values say. A page that SQLite freed may still tell rows that were deleted.
    Raises nothing; the work is linear in the bytes given.
    """
    size, count, images = _committed(log) or (_page_size(database), None, {})
    pages = _Pages(database, size, log, count, images)
    for number in pages.numbers():
        page = pages[number]
        for cell in _cells(page, _pointers(page, number), pages.usable):
            values = _values(pages, page, cell)
            if values is not None:
                yield cell.rowid, values


class _Cell(NamedTuple):
    """A row on its leaf page: bytes [start, end) of the page, of which `local` from `at` on are payload (§1.6)."""

    start: int
    end: int
    at: int
    local: int
    length: int
    rowid: int


class _Pages:
    """The pages of a database by number (from 1), as the log leaves them."""

    def __init__(
        self,
        database: bytes,
        size: int,
        log: bytes = b"",
        count: int | None = None,
        images: dict[int, int] | None = None,
    ) -> None:
        self.size, self._database, self._log, self._logged = size, database, log, images or {}
        in_file = -(-len(database) // size)
        self._in_file = in_file if count is None else min(in_file, count)
        self._bytes = len(database) + len(log)
        # A sound database has one row to an overflow page (§1.7). Freed pages may name some again; more is malice.
        self._patience = 4 * (self._in_file + len(self._logged))
        first = self[1]
        reserved = first[20] if first.startswith(HEADER) and len(first) > 20 else 0  # §1.3.4
        self.usable = size - reserved if size - reserved >= 480 else size

    def numbers(self) -> Iterator[int]:
        """The numbers of the pages that come from the file, then of those that come from the log."""
        yield from (number for number in range(1, self._in_file + 1) if number not in self._logged)
        yield from self._logged

    def __getitem__(self, number: int) -> bytes:
        """The page; short where the file is cut in it, empty where there is none."""
        if number in self._logged:
            start = self._logged[number]
            return self._log[start : start + self.size]
        return self._database[(number - 1) * self.size : number * self.size] if 0 < number <= self._in_file else b""

    def payload(self, page: bytes, cell: _Cell) -> bytes:
        """The cell's whole payload, its chain of overflow pages followed (§1.7); ValueError where they don't fit."""
        parts, rest = [page[cell.at : cell.at + cell.local]], cell.length - cell.local
        if not rest:
            return parts[0]
        if cell.length > self._bytes:
            raise ValueError("more than the file has")
        number = int.from_bytes(page[cell.end - 4 : cell.end])
        while rest:
            overflow, part = self[number], min(rest, self.usable - 4)
            self._patience -= 1
            if number < 2 or len(overflow) < 4 + part or self._patience < 0:
                raise ValueError("no such overflow page")
            parts.append(overflow[4 : 4 + part])
            number = int.from_bytes(overflow[:4])
            rest -= part
        if number:  # so a chain that loops, or runs on into another row's, is none either
            raise ValueError("the chain does not end with the payload")
        return b"".join(parts)


def _pointers(page: bytes, number: int) -> tuple[int, ...]:
    """The cell pointers of a table's leaf page, without those into their own array (§1.6)."""
    start = 100 if number == 1 else 0  # §1.3: behind the file's header
    if len(page) < start + 8 or page[start] != TABLE_LEAF:
        return ()
    count = int.from_bytes(page[start + 3 : start + 5])
    first = start + 8 + 2 * count
    if first > len(page):
        return ()
    return tuple(pointer for pointer in struct.unpack_from(f">{count}H", page, start + 8) if pointer >= first)


def _cells(page: bytes, pointers: tuple[int, ...], usable: int) -> list[_Cell]:
    """The cells of a page in the order of their keys.

    Cells that lie over each other are left out, all of them: which one is right can't be told, and a page of pointers
    to one long payload would be a bomb.
    """
    found = [_cell(page, pointer, usable) for pointer in dict.fromkeys(pointers)]
    cells = [cell for cell in found if cell is not None]
    last: _Cell | None = None  # of those so far, the one that reaches furthest
    crossed = set()
    for cell in sorted(cells):
        if last is not None and cell.start < last.end:
            crossed |= {cell.start, last.start}
        if last is None or cell.end > last.end:
            last = cell
    return [cell for cell in cells if cell.start not in crossed]


def _cell(page: bytes, start: int, usable: int) -> _Cell | None:
    """The cell at `start`, and how much of its payload lies on the page (§1.6); None where it is not whole."""
    try:
        length, at = _varint(page, start)
        rowid, at = _varint(page, at)
    except IndexError:
        return None
    rowid -= rowid >> 63 << 64
    local, end = length, at + length
    if length > usable - 35:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = least if local > usable - 35 else local
        end = at + local + 4
    return _Cell(start, end, at, local, length, rowid) if end <= min(len(page), usable) else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, offset behind it) of the unsigned 64-bit varint at `at` (§1.6); IndexError where the data ends in it."""
    value = 0
    for offset in range(at, at + 8):
        byte = data[offset]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + 1
    return value << 8 | data[at + 8], at + 9


def _values(pages: _Pages, page: bytes, cell: _Cell) -> tuple[Value, ...] | None:
    """The columns of the row in this cell; None where it does not fit the format."""
    try:
        return _columns(pages.payload(page, cell))
    except (ValueError, IndexError):
        return None


def _columns(record: bytes) -> tuple[Value, ...]:
    """The columns of a record (§2.1); ValueError or IndexError where header and body don't fill it to the byte."""
    length, at = _varint(record, 0)
    if not at < length <= min(len(record), 9 * MOST_COLUMNS):
        raise ValueError("no header of a record")
    body, values = length, []
    while at < length:
        kind, at = (record[at], at + 1) if record[at] < 0x80 else _varint(record, at)
        end = body + ((kind - 12) // 2 if kind >= 12 else 8 if kind == 7 else INTEGER_BYTES[kind] if kind < 7 else 0)
        if end > len(record):
            raise ValueError("the body ends early")
        values.append(_value(kind, record[body:end]))
        body = end
    if at != length or body != len(record) or len(values) > MOST_COLUMNS:
        raise ValueError("no whole record")
    return tuple(values)


def _value(kind: int, content: bytes) -> Value:
    """What the content is as a value of this serial type (§2.1); text is always UTF-8 in a case."""
    if kind >= 12:
        return content.decode() if kind % 2 else content
    if kind == 0:
        return None
    if kind < 7:
        return int.from_bytes(content, signed=True)
    if kind == 7:
        number: float = struct.unpack(">d", content)[0]
        return number if number == number else None  # noqa: PLR0124  # SQLite reads NaN as NULL
    if kind < 10:
        return kind - 8
    raise ValueError("a type that is reserved")


def _page_size(database: bytes) -> int:
    """What the header says or the usual size, whichever shows more leaves; of all sizes where the header is lost."""
    said = int.from_bytes(database[16:18])
    said = 65536 if said == 1 else said  # §1.3.2
    sound = database.startswith(HEADER) and said in PAGE_SIZES
    sizes = tuple(dict.fromkeys((said, PAGE_SIZES[0]))) if sound else PAGE_SIZES
    return said if len(sizes) == 1 else max(sizes, key=lambda size: _leaves(_Pages(database, size)))


def _leaves(pages: _Pages) -> int:
    """How many leaf pages prove their size: in one of another size, bytes would be left over or be missing."""
    return sum(_is_filled(pages[number], number, pages.usable) for number in pages.numbers())


def _is_filled(page: bytes, number: int, usable: int) -> bool:
    """Whether cells and what the page says is free fill it to the byte, from where its content starts (§1.6)."""
    pointers = _pointers(page, number)
    if not pointers or len(page) < usable:
        return False
    block, _, content, fragments = struct.unpack_from(">3HB", page, (100 if number == 1 else 0) + 1)
    filled: int = fragments
    for pointer in pointers:
        cell = _cell(page, pointer, usable)
        if cell is None:
            return False
        filled += cell.end - cell.start
    last = 0
    while last < block <= usable - 4:
        last = block
        block, length = struct.unpack_from(">2H", page, last)
        filled += length
    return not block and filled == usable - (content or 65536)


def _committed(log: bytes) -> tuple[int, int, dict[int, int]] | None:
    """Of a write-ahead log (§4.1): (page size, pages of the database, {page: where its last image starts in the log}).

    Only transactions whose commit came through count (§4.5); None where there is none.
    """
    if len(log) < 32:
        return None
    magic, version, size, _, *salts, sum_0, sum_1 = struct.unpack_from(">8I", log)
    words = {0x377F0682: "<II", 0x377F0683: ">II"}.get(magic)
    if words is None or version != 3_007_000 or size not in PAGE_SIZES:
        return None
    sums = _checksum(log[:24], words, (0, 0))
    if sums != (sum_0, sum_1):
        return None
    pages = 0
    images: dict[int, int] = {}
    pending: dict[int, int] = {}
    for start in range(32, len(log) - size - 23, size + 24):
        number, commit, *frame_salts, sum_0, sum_1 = struct.unpack_from(">6I", log, start)
        if frame_salts != salts or not number:
            break
        sums = _checksum(log[start : start + 8] + log[start + 24 : start + 24 + size], words, sums)
        if sums != (sum_0, sum_1):
            break
        pending[number] = start + 24
        if commit:
            pages = commit
            images.update(pending)
            pending.clear()
    if not pages:
        return None
    in_order = sorted(images.items(), key=lambda image: image[1])
    return size, pages, {number: start for number, start in in_order if number <= pages}


def _checksum(data: bytes, words: str, sums: tuple[int, int]) -> tuple[int, int]:
    """The log's running checksum (§4.2)."""
    sum_0, sum_1 = sums
    for word_0, word_1 in struct.iter_unpack(words, data):
        sum_0 = (sum_0 + word_0 + sum_1) & 0xFFFFFFFF
        sum_1 = (sum_1 + word_1 + sum_0) & 0xFFFFFFFF
    return sum_0, sum_1
