"""Compressed images: streams that are cut, damaged, or claim another size than the header, or more than there is."""

from __future__ import annotations

import struct
from collections.abc import Callable

import made_streams
from made_series import pixels
from made_streams import LOSSLESS, RLE, J
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from bad_input.row import FOUR, BadInput, Make, made

ROWS_COLUMNS = 64, 48
END = b"\xff\xd9"
MARKED = tuple(J + n for n in ("70", "80", "90", "201"))  # one of each codec
CODED = (RLE, *MARKED)
MAYBE = tuple(J + n for n in ("81", "91", "203"))  # these syntaxes allow loss
SIZE = {J + "70": (b"\xff\xc3", 5), J + "80": (b"\xff\xf7", 5)}  # the marker, and how far behind it


def streams(
    syntax: str, spoil: Callable[[bytes], bytes], shape: tuple[int, int] = ROWS_COLUMNS, side: int | None = None
) -> Make:
    """Four images of 64 × 48; the second one's stream, of `shape`, is spoiled, and its header says `side` squared."""

    def change(data_set: Dataset, k: int) -> None:
        data_set.Rows, data_set.Columns = ROWS_COLUMNS
        coded = made_streams.stream(pixels(k, *(shape if k == 1 else ROWS_COLUMNS)), syntax)
        if k == 1:
            coded = spoil(coded)
            if side is not None:
                data_set.Rows = data_set.Columns = side
        made_streams.put(data_set, encapsulate([coded]))

    return made(change, syntax=syntax)


def half(coded: bytes) -> bytes:
    return coded[: len(coded) // 2]


def half_with_end(coded: bytes) -> bytes:
    return half(coded) + END


def claiming(syntax: str, side: int) -> Callable[[bytes], bytes]:
    """A stream of some hundred bytes that claims side × side pixels; of JPEG 2000, in one tile."""
    place = SIZE.get(syntax)

    def spoil(coded: bytes) -> bytes:
        if place:
            at, size = coded.index(place[0]) + place[1], struct.pack(">HH", side, side)
        else:
            at, size = coded.index(b"\xff\x51") + 6, struct.pack(">6I", side, side, 0, 0, side, side)
        return coded[:at] + size + coded[at + len(size) :]

    return spoil


def not_lossy(data_set: Dataset, k: int) -> None:
    data_set.LossyImageCompression = "00"


def packets(data_set: Dataset, k: int) -> None:
    """A single image in seven fragments."""
    made_streams.put(data_set, encapsulate([made_streams.stream(pixels(k), J + "70")], fragments_per_frame=7))


def every(*spoils: Callable[[bytes], bytes], syntaxes: tuple[str, ...] = CODED) -> dict[str, Make]:
    return {f"{syntax}, {spoil.__name__}": streams(syntax, spoil) for syntax in syntaxes for spoil in spoils}


ROWS: tuple[BadInput, ...] = (
    BadInput(
        "compressed images",
        "load",
        {
            **{syntax: made(syntax=syntax) for syntax in LOSSLESS if syntax not in MAYBE},
            **{f"{syntax}, said to be lossless": made(not_lossy, syntax=syntax) for syntax in MAYBE},
            "fragments": made(packets, syntax=J + "70"),
        },
        stacks=FOUR,
    ),
    BadInput(
        "images that may be lossy",
        "warn",
        {syntax: made(syntax=syntax) for syntax in MAYBE},
        "with loss",
        "a-0.dcm",
        FOUR,
    ),
    BadInput("a stream that is cut", "late", every(half, half_with_end), "cut|damaged", "a-1.dcm"),
    BadInput(
        "a stream of another size",
        "late",
        {syntax: streams(syntax, bytes, (32, 48)) for syntax in CODED},
        "claims 32 × 48|is cut",
        "a-1.dcm",
    ),
    BadInput(
        "a stream that claims 60,000 × 60,000",
        "skip",
        {syntax: streams(syntax, claiming(syntax, 60000)) for syntax in MARKED},
        "claims 60000 × 60000",
        "a-1.dcm",
        bomb=True,
    ),
    BadInput(
        "a stream and a header that agree on too many pixels",
        "late",
        {
            f"{syntax}, {side}": streams(syntax, claiming(syntax, side), side=side)
            for syntax in MARKED
            for side in (5792, 60000)
        },
        "larger than any CT|cut|damaged",
        "a-1.dcm",
        bomb=True,
    ),
)
