"""Compressed images: true values in every transfer syntax; what is cut, damaged or claims too much is never shown."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

import imagecodecs
import made_streams
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_series import image, series, setting, write
from made_streams import LOSSLESS, LOSSY, RLE, J, Samples, stream
from pydicom.encaps import encapsulate, encapsulate_extended

import callout
from callout import dicom
from callout.dicom.codestream import decode
from callout.dicom.header import Unreadable
from callout.volume import PixelFormat

JPEG = (J + "50", J + "51", J + "57", J + "70")
CODED = tuple(syntax for syntax in (*LOSSLESS, *LOSSY) if syntax != made_streams.ENCAPSULATED)
END = b"\xff\xd9"


def form(syntax: str, samples: Samples, bits: int) -> PixelFormat:
    signed, (rows, columns) = samples.dtype.kind == "i", samples.shape
    return PixelFormat(syntax, rows, columns, samples.dtype.itemsize * 8, bits, bits - 1, signed, 1, 0)


def picture(rows: int = 96, columns: int = 80, bits: int = 12) -> Samples:
    """Noise on a slope, so that no part of a stream is without effect."""
    slope = np.add.outer(np.arange(rows), np.arange(columns)) * ((1 << bits) - 1) // (rows + columns)
    noise = np.random.default_rng(1).integers(-40, 40, (rows, columns))
    return np.clip(slope + noise, 0, (1 << bits) - 1).astype(np.uint8 if bits <= 8 else np.uint16)


@st.composite
def sampled(draw: st.DrawFn) -> tuple[Samples, int]:
    """Samples of any size, signed or not, and how many bits are stored of them."""
    bits, signed = draw(st.sampled_from([2, 8, 10, 12, 15, 16])), draw(st.booleans())
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    lowest = -(1 << bits - 1) if signed else 0
    random = np.random.default_rng(draw(st.integers(0, 99)))
    ends = sorted(draw(st.lists(st.integers(lowest, lowest + (1 << bits) - 1), min_size=2, max_size=2)))
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 and draw(st.booleans()) else 2}"
    return random.integers(*ends, (rows, columns), endpoint=True).astype(kind), bits


@pytest.mark.parametrize("syntax", LOSSLESS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sampled())
def test_values_are_those_that_were_stored(tmp_path: Path, syntax: str, made: tuple[Samples, int]) -> None:
    samples, bits = made
    if samples.dtype.itemsize == 2 and bits <= 8 and syntax in JPEG:
        bits = 9  # libjpeg writes samples of up to 8 bits from bytes only
    data_set = image()
    data_set.Rows, data_set.Columns = samples.shape
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = samples.dtype.itemsize * 8, bits, bits - 1
    data_set.PixelRepresentation, data_set.RescaleIntercept = int(samples.dtype.kind == "i"), -7
    data_set.PixelData = samples.tobytes()
    path = write(data_set, tmp_path / "a.dcm", syntax)
    (found,) = callout.find_series(path)
    assert np.array_equal(callout.load(found).voxels[0], samples.astype(np.int32) - 7)


@pytest.mark.parametrize(("syntax", "bits"), [(J + "50", 8), (J + "51", 8), (J + "51", 12)])
def test_values_of_lossy_images_are_near_and_warned_of(tmp_path: Path, syntax: str, bits: int) -> None:
    samples = picture(33, 47, bits)
    size = samples.dtype.itemsize * 8
    change = setting(
        Rows=33, Columns=47, BitsAllocated=size, BitsStored=bits, HighBit=bits - 1, PixelData=samples.tobytes()
    )
    series(tmp_path, 2, change, syntax=syntax)
    (found,) = callout.find_series(tmp_path)
    assert [warning.code for warning in found.warnings] == ["lossy"]
    assert np.abs(callout.load(found).voxels[0] + 1024 - samples.astype(np.int32)).max() <= (1 << bits) / 32


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_predictor_of_lossless_jpeg(predictor: int, bits: int) -> None:
    samples = picture(21, 34, bits)
    coded = stream(samples, J + "57", bits, predictor=predictor)
    assert np.array_equal(decode(coded, form(J + "57", samples, bits)), samples)


@pytest.mark.parametrize("syntax", CODED)
def test_a_stream_cut_anywhere_is_refused(syntax: str) -> None:
    bits = 8 if syntax == J + "50" else 12
    samples = picture(40, 36, bits)
    coded, pixels = stream(samples, syntax, bits), form(syntax, samples, bits)
    whole = decode(coded, pixels)
    places = [*range(0, len(coded) - 40, 7), *range(len(coded) - 40, len(coded) - 2)]
    for place, end in itertools.product(places, (b"", END)):
        cut = coded[:place] + end
        if (given := shown(cut, pixels)) is not None:
            different = np.flatnonzero(given != whole)  # the last bits of JPEG-LS: those of its last sample
            assert different.size == 0 or (syntax in (J + "80", J + "81") and different.tolist() == [whole.size - 1])
    if syntax in made_streams.JPEG_2000:
        seen = [shown(mended(coded[:place] + END), pixels) is None for place in range(150, len(coded) - 2)]
        assert np.mean(seen) > 0.99  # a cut just between two packets can't be told from a stream that has no more


def shown(coded: bytes, pixels: PixelFormat) -> Samples | None:
    """What a stream gives; None where it is refused."""
    try:
        return decode(coded, pixels)
    except Unreadable:
        return None


def mended(coded: bytes) -> bytes:
    """A JPEG 2000 stream whose only tile part says that it is as long as it is; others as they are."""
    place = coded.find(b"\xff\x90\0\x0a")
    if place < 0 or len(coded) < place + 14:
        return coded
    return coded[: place + 6] + struct.pack(">I", len(coded) - 2 - place) + coded[place + 10 :]


@pytest.mark.parametrize("syntax", [made_streams.ENCAPSULATED, *CODED])
def test_a_damaged_stream_gives_an_image_or_is_refused(syntax: str) -> None:
    bits = 8 if syntax == J + "50" else 12
    samples = picture(40, 36, bits)
    coded, pixels = stream(samples, syntax, bits), form(syntax, samples, bits)
    random = np.random.default_rng(2)
    for _ in range(150):
        spoilt = bytearray(coded)
        for place in random.integers(0, random.choice([len(coded), min(len(coded), 200)]), random.integers(1, 4)):
            spoilt[place] = random.integers(256)
        given = shown(bytes(spoilt), pixels)
        assert given is None or (given.shape, given.dtype) == (samples.shape, np.dtype(f"u{samples.dtype.itemsize}"))


def restarted() -> tuple[bytes, Samples]:
    """A lossless JPEG of 16 rows, all alike, with a restart after each."""
    row = picture(1, 16, 8)
    alone = imagecodecs.jpeg8_encode(row, lossless=True, predictor=1, bitspersample=8)
    scan, size = alone.index(b"\xff\xda"), alone.index(b"\xff\xc3") + 5
    head = alone[:size] + b"\0\x10" + alone[size + 2 : scan] + b"\xff\xdd\0\4\0\x10" + alone[scan : scan + 10]
    marks = [bytes([0xFF, 0xD0 + n % 8]) for n in range(15)] + [END]
    return head + b"".join(alone[scan + 10 : -2] + mark for mark in marks), np.repeat(row, 16, axis=0)


def short(coded: bytes, place: int) -> bytes:
    return coded[: place - 3] + coded[place:]


RESTARTS: dict[str, Callable[[bytes], bytes]] = {
    "a restart marker is missing": lambda coded: coded.replace(b"\xff\xd3", b"", 1),
    "restart markers are out of order": lambda coded: coded.replace(b"\xff\xd3", b"\xff\xd4", 1),
    "an interval is short": lambda coded: short(coded, coded.index(b"\xff\xd3")),
    "intervals are missing": lambda coded: coded[: coded.index(b"\xff\xd5")] + END,
    "another marker": lambda coded: coded.replace(b"\xff\xd3", b"\xff\xc4", 1),
    "bits after the end": lambda coded: coded + b"\0\1" + END,
}


def test_restart_markers() -> None:
    coded, samples = restarted()
    assert np.array_equal(decode(coded, form(J + "57", samples, 8)), samples)


@pytest.mark.parametrize("spoil", RESTARTS.values(), ids=RESTARTS)
def test_damaged_restarts_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    coded, samples = restarted()
    with pytest.raises(Unreadable):
        decode(spoil(coded), form(J + "57", samples, 8))


def patched(marker: bytes, place: int, value: bytes) -> Callable[[bytes], bytes]:
    """Bytes put in the place of others, so many after a marker."""

    def spoil(coded: bytes) -> bytes:
        at = coded.index(marker) + place
        return coded[:at] + value + coded[at + len(value) :]

    return spoil


LIES: list[tuple[str, str, Callable[[bytes], bytes], str]] = [
    (RLE, "segments", lambda coded: struct.pack("<I", 1) + coded[4:], "1 segments, BitsAllocated 16 needs 2"),
    (RLE, "offsets", lambda coded: coded[:8] + struct.pack("<I", 64) + coded[12:], "don't follow one another"),
    (RLE, "offset past its end", lambda coded: coded[:8] + struct.pack("<I", 1 << 31) + coded[12:], "runs don't fit"),
    (RLE, "a bomb", lambda coded: coded + b"\x81\0" * 500_000, "runs don't fit the image"),
    (J + "70", "size", patched(b"\xff\xc3", 5, b"\xff\xff\xff\xff"), "claims 65535 × 65535"),
    (J + "51", "size", patched(b"\xff\xc1", 5, b"\xff\xff\xff\xff"), "claims 65535 × 65535"),
    (J + "70", "colour", patched(b"\xff\xc3", 9, b"\3"), "claims 3 samples"),
    (J + "51", "process", patched(b"\xff\xc1", 1, b"\xc2"), "process that is not read"),
    (J + "80", "size", patched(b"\xff\xf7", 5, b"\xff\xff\xff\xff"), "claims 65535 × 65535"),
    (J + "80", "precision", patched(b"\xff\xf7", 4, b"\x20"), "samples of 32 bits"),
    (J + "90", "size", patched(b"\xff\x51", 6, b"\0\0\xff\xff\0\0\xff\xff"), "claims 65535 × 65535"),
    (J + "90", "tiles", patched(b"\xff\x51", 22, b"\0\0\0\1\0\0\0\1"), "claims 1440 tiles|of 1440 tiles"),
    (J + "90", "no tiles", patched(b"\xff\x51", 22, bytes(8)), "tiles don't cover"),
    (J + "90", "components", patched(b"\xff\x51", 38, b"\x40\0"), "claims 16384 samples"),
    (J + "90", "resolutions", patched(b"\xff\x52", 9, b"\x40"), "coding style"),
    (J + "201", "size", patched(b"\xff\x51", 6, b"\0\0\xff\xff\0\0\xff\xff"), "claims 65535 × 65535"),
]


@pytest.mark.parametrize(("syntax", "_what", "spoil", "says"), LIES, ids=[f"{lie[0]} {lie[1]}" for lie in LIES])
def test_lies_are_found_out(syntax: str, _what: str, spoil: Callable[[bytes], bytes], says: str) -> None:
    samples = picture(40, 36)
    with pytest.raises(Unreadable, match=says):
        decode(spoil(stream(samples, syntax)), form(syntax, samples, 12))


def test_the_header_says_whether_samples_are_signed() -> None:
    negative = np.array([[-2000, 1896], [-1, 7]], np.int16)
    unsigned = imagecodecs.jpeg2k_encode(
        negative.view(np.uint16) & 0x1FFF, level=0, reversible=True, codecformat="j2k", bitspersample=13
    )
    assert np.array_equal(decode(unsigned, form(J + "90", negative, 13)).view(np.int16), negative)
    signed = stream(negative, J + "90")
    assert np.array_equal(decode(signed, form(J + "90", negative.view(np.uint16), 16)), negative.view(np.uint16))


def test_values_above_bits_stored_are_refused() -> None:
    samples = picture(bits=12)
    with pytest.raises(Unreadable, match="more than the 10 bits of BitsStored"):
        decode(stream(samples, J + "80"), form(J + "80", samples, 10))


def test_loss_that_overshoots_ends_at_the_largest_value() -> None:
    samples = picture(bits=12)
    coded = imagecodecs.jpeg2k_encode(samples, level=0, reversible=True, codecformat="j2k", bitspersample=16)
    assert np.array_equal(decode(coded, form(J + "91", samples, 10)), np.minimum(samples, 1023))


def boxed(frames: list[bytes], _syntax: str) -> bytes:
    return encapsulate(frames, has_bot=True)


def without_table(frames: list[bytes], _syntax: str) -> bytes:
    return encapsulate(frames, has_bot=False)


def in_pieces(frames: list[bytes], _syntax: str, *, has_bot: bool) -> bytes:
    return encapsulate(frames, fragments_per_frame=3, has_bot=has_bot)


def with_extended_table(frames: list[bytes], _syntax: str) -> bytes:
    return encapsulate_extended(frames)[0]


def with_a_lying_table(frames: list[bytes], _syntax: str) -> bytes:
    whole = encapsulate(frames, has_bot=True)
    return whole[:12] + struct.pack("<I", 6) + whole[16:]


LAYOUTS = {
    "a table": boxed,
    "no table": without_table,
    "a table and pieces": partial(in_pieces, has_bot=True),
    "pieces": partial(in_pieces, has_bot=False),
    "an extended table": with_extended_table,
    "a lying table": with_a_lying_table,
}


@pytest.mark.parametrize(
    ("layout", "syntax"),
    [
        *((layout, syntax) for layout in LAYOUTS for syntax in (J + "70", J + "80", J + "90")),
        *((layout, RLE) for layout in LAYOUTS if layout != "pieces"),  # PS3.5 A.4.2: an RLE frame is one fragment
    ],
)
def test_frames_are_found_in_their_fragments(tmp_path: Path, layout: str, syntax: str) -> None:
    frames = [(picture(20, 30) + 3 * k).astype(np.uint16) for k in range(5)]
    data_set = image()
    data_set.Rows, data_set.Columns, data_set.NumberOfFrames = 20, 30, 5
    made_streams.put(data_set, LAYOUTS[layout]([stream(frame, syntax, 13) for frame in frames], syntax))
    path = write(data_set, tmp_path / "a.dcm", syntax)
    value = path.read_bytes().index(b"\xe0\x7f\x10\0OB\0\0") + 12
    from callout.dicom.fragments import check_frame, frame_of, frames_of
    from callout.dicom.sources import open_file, stat_of
    from callout.volume import StoredPixels

    descriptor = open_file(str(path))
    pixels = form(syntax, frames[0], 13)
    place = StoredPixels(pixels, value, None, *stat_of(str(path)))
    found = frames_of(descriptor, place)
    for k in (3, 0, 4, 1, 2):
        assert np.array_equal(decode(frame_of(descriptor, found, k), pixels), frames[k])
    check_frame(str(path), place, 5)
    with pytest.raises(Unreadable, match="has 5 frames, NumberOfFrames is 6"):
        check_frame(str(path), place, 6)
    with pytest.raises(Unreadable, match="frame 6 is missing"):
        frame_of(descriptor, found, 5)


def test_a_frame_in_tiny_fragments_is_found_by_a_scan(tmp_path: Path) -> None:
    data_set = image()
    samples = picture(20, 30)
    data_set.Rows, data_set.Columns = samples.shape
    made_streams.put(data_set, encapsulate([stream(samples, J + "70")], fragments_per_frame=90))
    path = write(data_set, tmp_path / "a.dcm", J + "70")
    assert np.array_equal(dicom.load(dicom.find_series(path)[0]).voxels[0], samples.astype(np.int16) - 1024)
