"""One generator for every class of bad input: what it is, how it is made, and what a careful tool answers.

Four answers: "load" (true values), "warn" (loads, and a warning names what is wrong), "skip" (loads without the files
that are named), "refuse" (a clear error). Never a traceback, a hang, a wrong value or a wrong geometry in silence.
Case files have a generator of their own: `bad_cases`.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from made_series import Change, image, pixels, series, setting, uid, write
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

Answer = Literal["load", "warn", "skip", "refuse"]


@dataclass(frozen=True)
class BadInput:
    """A class of bad input.

    make: fills an empty folder.
    answer, says: what is done, and a pattern that its message (warning, reason or error) must match.
    stacks: the shape of each stack that loads, in the order found.
    """

    name: str
    make: Callable[[Path], Any]
    answer: Answer
    says: str = ""
    stacks: tuple[tuple[int, int, int], ...] = ()


FOUR = ((4, 6, 5),)
THREE = ((3, 6, 5),)


def made(change: Change | None = None, **options: Any) -> Callable[[Path], Any]:
    return lambda folder: series(folder, change=change, **options)


def cut(path: Path, size: int) -> None:
    """Keeps the first `size` bytes of a file, or all but the last −`size`."""
    data = path.read_bytes()
    path.write_bytes(data[:size])


def file_cut_in_header(folder: Path) -> None:
    cut(series(folder)[1], 500)


def file_cut_in_pixels(folder: Path) -> None:
    cut(series(folder)[1], -11)


def not_images(folder: Path) -> None:
    (folder / "report.txt").write_text("a report")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "noise.dcm").write_bytes(bytes(range(256)) * 20)


def report_only(folder: Path) -> None:
    (folder / "report.txt").write_text("a report")


def only_a_picture(folder: Path) -> None:
    data_set = image()
    data_set.SOPClassUID, data_set.Modality = "1.2.840.10008.5.1.4.1.1.7", "OT"
    write(data_set, folder / "picture.dcm")


def copies(folder: Path) -> None:
    for path in series(folder):
        shutil.copy(path, folder / f"copy of {path.name}")


def same_place(folder: Path) -> None:
    series(folder)
    twin = image(1)
    twin.SOPInstanceUID, twin.PixelData = uid("twin"), pixels(9).tobytes()
    write(twin, folder / "twin.dcm")


def phases(folder: Path) -> None:
    for phase in (1, 2):
        for k in range(4):
            data_set = image(k)
            data_set.SOPInstanceUID = uid("phase", phase, k)
            data_set.AcquisitionNumber, data_set.PixelData = phase, pixels(k + 10 * phase).tobytes()
            write(data_set, folder / f"{phase}-{k}.dcm")


def echoes(folder: Path) -> None:
    for echo in (30, 90):
        for k in range(4):
            data_set = image(k, modality="MR")
            data_set.SOPInstanceUID, data_set.EchoTime = uid("echo", echo, k), echo
            write(data_set, folder / f"{echo}-{k}.dcm")


def localizer(data_set: Dataset, k: int) -> None:
    data_set.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    data_set.ImageOrientationPatient = [1, 0, 0, 0, 0, -1] if k < 2 else [0, 1, 0, 0, 0, -1]
    data_set.ImagePositionPatient = [0, 10.0 * k, 0] if k < 2 else [10.0 * k, 0, 0]


def missing_slice(folder: Path) -> None:
    series(folder, 5)[2].unlink()


def two_sizes(data_set: Dataset, k: int) -> None:
    if k >= 2:
        data_set.Rows, data_set.PixelData = 3, pixels(k)[:3].tobytes()


def tilted(data_set: Dataset, k: int) -> None:
    data_set.ImagePositionPatient = [-10, -20 + 0.6 * k, 2.5 * k]


def uneven(data_set: Dataset, k: int) -> None:
    data_set.ImagePositionPatient = [-10, -20, (0, 2.5, 5.4, 7.5)[k]]


def raw_decimal(keyword_bytes: bytes, old: bytes, new: bytes) -> Callable[[Path], None]:
    """A decimal string replaced in the file itself, with bytes that a writer would refuse."""

    def make(folder: Path) -> None:
        path = series(folder)[1]
        data = path.read_bytes()
        place = data.index(keyword_bytes)
        head, tail = data[:place], data[place:]
        path.write_bytes(head + tail.replace(old, new, 1))

    return make


def fifo_socket_and_links(folder: Path) -> None:
    series(folder / "images")
    os.mkfifo(folder / "images" / "0-pipe.dcm")
    held = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(folder)  # socket names are short
    try:
        held.bind("s.dcm")
    finally:
        os.chdir(here)
        held.close()
    (folder / "device.dcm").symlink_to("/dev/zero")
    (folder / "gone.dcm").symlink_to(folder / "nowhere")
    (folder / "images" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")


def odd_names(folder: Path) -> None:
    paths = series(folder)
    for path, name in zip(paths, (b"a\nb.dcm", b"\xff\xfe.dcm", b"-rf", b"\x1b[2J{}%s"), strict=True):
        os.rename(path, os.path.join(os.fsencode(folder), name))


def deep(folder: Path) -> None:
    for k, path in enumerate(series(folder)):
        path.rename(folder / f"no extension {k}")
    target = folder / Path(*["d"] * 60)
    target.mkdir(parents=True)
    for path in list(folder.glob("no*")):
        path.rename(target / path.name)


def nested_sequences(folder: Path) -> None:
    path = series(folder)[1]
    data = path.read_bytes()
    undefined, item = b"\xff" * 4, b"\xfe\xff\x00\xe0"
    nest = (struct.pack("<HH2sH", 0x0009, 0x1001, b"SQ", 0) + undefined + item + undefined) * 300
    close = (b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)) * 300
    place = data.index(struct.pack("<HH", 0x0010, 0x0010))
    path.write_bytes(data[:place] + nest + close + data[place:])


def deflate_bomb(folder: Path) -> None:
    path = write(image(), folder / "bomb.dcm", DeflatedExplicitVRLittleEndian)
    data = path.read_bytes()
    start = 144 + struct.unpack_from("<I", data, 140)[0]
    whole = zlib.decompress(data[start:], -15)
    place = whole.index(struct.pack("<HH", 0x0010, 0x0010))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = 1 << 30
    parts = [packer.compress(whole[:place] + struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, size))]
    parts += [packer.compress(bytes(1 << 24)) for _ in range(size >> 24)]
    parts += [packer.compress(whole[place:]), packer.flush()]
    path.write_bytes(data[:start] + b"".join(parts))


def compressed(syntax: str, shape: tuple[int, int] = (64, 48), spoil: Callable[[bytes], bytes] | None = None) -> Change:
    """Images of 64 × 48 in a compressed syntax, of a frame of `shape`; the second one's stream may be spoiled."""

    def change(data_set: Dataset, k: int) -> None:
        data_set.Rows, data_set.Columns = 64, 48
        samples = pixels(k, *shape)
        if syntax == JPEGLSLossless:
            import jpeg_ls

            stream = bytes(jpeg_ls.encode_array(samples))
        else:
            from openjpeg.utils import encode_array

            stream = bytes(encode_array(samples, photometric_interpretation=2, bits_stored=12))
        if k == 1 and spoil is not None:
            stream = spoil(stream)
        data_set["PixelData"].VR = "OB"
        data_set.PixelData = encapsulate([stream])
        data_set["PixelData"].is_undefined_length = True

    return change


def claims_60000(stream: bytes) -> bytes:
    """A JPEG 2000 stream whose header claims 60,000 × 60,000 pixels."""
    size = struct.pack(">II", 60000, 60000)
    place = stream.index(b"\xff\x51")
    return stream[: place + 6] + size + stream[place + 14 :]


def patients(data_set: Dataset, k: int) -> None:
    data_set.PatientID = f"P{k % 2}"


def spellings(data_set: Dataset, k: int) -> None:
    data_set.PatientName = ("Nobody^Real", "NOBODY^REAL")[k % 2]


def big_endian(data_set: Dataset, k: int) -> None:
    data_set.PixelData = pixels(k).astype(">u2").tobytes()


def overlay(data_set: Dataset, k: int) -> None:
    """Twelve bits stored, and an overlay in the bits above them."""
    data_set.PixelData = (pixels(k) | np.uint16(0x7000)).tobytes()


def signed(data_set: Dataset, k: int) -> None:
    """Twelve signed bits; the bits above are not extended."""
    data_set.PixelRepresentation = 1
    data_set.PixelData = ((pixels(k).astype(np.int16) - 2000).view(np.uint16) & np.uint16(0x0FFF)).tobytes()
    data_set.RescaleIntercept = 2000 - 1024


NAN_ORIENTATION = raw_decimal(b"\x20\x00\x37\x00", b"1.0\\0.0", b"nan\\0.0")


def turned_normals(folder: Path) -> None:
    """Beside a sound series one whose normals, each within tolerance, don't agree which slice comes first."""
    series(folder)
    places = ([0, 0, 0], [0, 300, -0.05], [0, 0, 2.5])

    def turned(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = places[k]
        data_set.ImageOrientationPatient = [1, 0, 0, 0, 1, -0.00029 if k == 1 else 0]

    series(folder, 3, turned, name="b")


def worded_echo(folder: Path) -> None:
    """Two images at each place, told apart by an EchoTime that is no number."""
    for name in ("one", "two"):
        for path in series(folder, 4, setting(EchoTime=1, SeriesInstanceUID=uid("echoes")), name=name):
            head = b"\x18\x00\x81\x00DS\x04\x00"
            path.write_bytes(path.read_bytes().replace(head + b"1.0 ", head + name.ljust(4).encode()))


def bomb_for_pydicom(folder: Path) -> None:
    """1 GiB of zeros in a deflated data set that only pydicom would go on with."""
    path = series(folder, 1, syntax=DeflatedExplicitVRLittleEndian)[0]
    data = path.read_bytes()
    start = 132 + 12 + struct.unpack_from("<I", data, 140)[0]
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = squeeze.compress(b"\x08\x00\x05\x00ZZ\x04\x00abcd")
    stream += b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(1024)) + squeeze.flush()
    path.write_bytes(data[:start] + stream)


def vast(data_set: Dataset, k: int) -> None:
    """A JPEG 2000 stream of some hundred bytes and a header that agree on 60,000 × 60,000 pixels."""
    compressed(JPEG2000Lossless, spoil=claims_60000)(data_set, k)
    if k == 1:
        data_set.Rows = data_set.Columns = 60000


SKEWED = {"ImageOrientationPatient": [1, 0, 0, 0.2, 0.98, 0]}

BAD_INPUTS: tuple[BadInput, ...] = (
    BadInput("empty folder", lambda folder: None, "refuse", "no files"),
    BadInput("folder without images", not_images, "refuse", "empty.dcm: an empty file .1 more"),
    BadInput("folder with a report only", report_only, "refuse", "no CT or MR images among 1 file"),
    BadInput("only another object", only_a_picture, "refuse", "secondary capture"),
    BadInput("file cut in its header", file_cut_in_header, "skip", "cut: it ends inside its header", THREE),
    BadInput("file cut in its pixels", file_cut_in_pixels, "skip", "cut: it ends inside PixelData", THREE),
    BadInput("PixelData too short", made(setting([1], PixelData=bytes(40))), "skip", "PixelData has 40 bytes", THREE),
    BadInput("PixelData missing", made(setting([1], PixelData=None)), "skip", "no PixelData", THREE),
    BadInput("NaN orientation", NAN_ORIENTATION, "skip", "ImageOrientationPatient is not finite", THREE),
    BadInput(
        "orientation not of unit length",
        made(setting(ImageOrientationPatient=[2, 0, 0, 0, 1, 0])),
        "refuse",
        "ImageOrientationPatient is not of unit length",
    ),
    BadInput("skewed orientation", made(setting(**SKEWED)), "refuse", "ImageOrientationPatient is skewed"),
    BadInput("no position", made(setting([1], ImagePositionPatient=None)), "skip", "no ImagePositionPatient", THREE),
    BadInput("absurd position", made(setting([1], ImagePositionPatient=["1e300", 0, 0])), "skip", "no place", THREE),
    BadInput("absurd spacing", made(setting([1], PixelSpacing=["1e-200", "1e-200"])), "skip", "PixelSpacing", THREE),
    BadInput("normals that don't agree on the order", turned_normals, "warn", "uneven|instead of", THREE + FOUR),
    BadInput("an echo time in words", worded_echo, "warn", "EchoTime", FOUR * 2),
    BadInput("zero spacing", made(setting(PixelSpacing=[0, 0.7])), "refuse", "PixelSpacing"),
    BadInput("spacing missing", made(setting(PixelSpacing=None)), "refuse", "no PixelSpacing"),
    BadInput(
        "spacing of the detector only",
        made(setting(PixelSpacing=None, ImagerPixelSpacing=[0.8, 0.7])),
        "warn",
        "ImagerPixelSpacing",
        FOUR,
    ),
    BadInput("copies of files", copies, "warn", "4 duplicate images dropped", FOUR),
    BadInput("two images at one place", same_place, "refuse", "nothing in their headers tells them apart"),
    BadInput("two phases", phases, "warn", "AcquisitionNumber", FOUR * 2),
    BadInput("two echoes", echoes, "warn", "EchoTime", FOUR * 2),
    BadInput("two patients in a series", made(patients), "refuse", "PatientID differs"),
    BadInput("one patient, two spellings", made(spellings), "load", "", FOUR),
    BadInput("one SOPInstanceUID for all", made(setting(SOPInstanceUID="1.2.3")), "warn", "SOPInstanceUID", FOUR),
    BadInput("a localizer of two planes", made(localizer), "warn", "ImageOrientationPatient", ((2, 6, 5), (2, 6, 5))),
    BadInput("two sizes", made(two_sizes), "warn", "Rows and Columns", ((2, 3, 5), (2, 6, 5))),
    BadInput(
        "two frames of reference",
        made(setting([2, 3], FrameOfReferenceUID="1.2.3")),
        "warn",
        "FrameOfReferenceUID",
        ((2, 6, 5), (2, 6, 5)),
    ),
    BadInput(
        "missing slice",
        missing_slice,
        "warn",
        "5 mm between slices 1 and 2 instead of 2.5 mm.*1 slice may be missing",
        FOUR,
    ),
    BadInput("uneven slices", made(uneven), "warn", "uneven", FOUR),
    BadInput("gantry tilt", made(tilted), "warn", "sheared by 13.50°", FOUR),
    BadInput("zero slope", made(setting([1], RescaleSlope=0)), "skip", "RescaleSlope is 0", THREE),
    BadInput(
        "decimal comma", raw_decimal(b"\x28\x00\x52\x10", b"-1024.0", b"-1024,0"), "skip", "RescaleIntercept", THREE
    ),
    BadInput(
        "digits with underscores",
        raw_decimal(b"\x28\x00\x53\x10", b"1.0 ", b"1_0 "),
        "skip",
        "RescaleSlope is no",
        THREE,
    ),
    BadInput("bits that don't fit", made(setting([1], BitsStored=17)), "skip", "BitsStored 17", THREE),
    BadInput("colour", made(setting([1], PhotometricInterpretation="RGB")), "skip", "PhotometricInterpretation", THREE),
    BadInput("multi-frame", made(setting([1], NumberOfFrames=2)), "skip", "NumberOfFrames is 2", THREE),
    BadInput("codec not read", made(compressed(JPEGLSLossless), syntax=RLELossless), "refuse", "TransferSyntaxUID"),
    BadInput("overlay in the high bits", made(overlay), "load", "", FOUR),
    BadInput("signed twelve bits", made(signed), "load", "", FOUR),
    BadInput("implicit VR", made(syntax=ImplicitVRLittleEndian), "load", "", FOUR),
    BadInput("big endian", made(big_endian, syntax=ExplicitVRBigEndian), "load", "", FOUR),
    BadInput("deflated", made(syntax=DeflatedExplicitVRLittleEndian), "load", "", FOUR),
    BadInput("JPEG-LS", made(compressed(JPEGLSLossless), syntax=JPEGLSLossless), "load", "", ((4, 64, 48),)),
    BadInput("JPEG 2000", made(compressed(JPEG2000Lossless), syntax=JPEG2000Lossless), "load", "", ((4, 64, 48),)),
    BadInput("FIFO, socket, device and links in circles", fifo_socket_and_links, "load", "", FOUR),
    BadInput("odd file names", odd_names, "load", "", FOUR),
    BadInput("deep folders, no extensions", deep, "load", "", FOUR),
    BadInput("sequences nested 300 deep", nested_sequences, "skip", "nested more than 64 deep", THREE),
    BadInput("deflate bomb for pydicom", bomb_for_pydicom, "refuse", "unknown value representation"),
    BadInput("deflate bomb", deflate_bomb, "refuse", "header is longer than"),
)

DAMAGE: tuple[tuple[str, tuple[int, int], Callable[[bytes], bytes] | None, str], ...] = (
    ("half a stream", (64, 48), lambda stream: stream[: len(stream) // 2], "is cut|ends inside"),
    ("half a stream with an end", (64, 48), lambda stream: stream[: len(stream) // 2] + b"\xff\xd9", "cut|damaged"),
    ("another size", (48, 64), None, "claims 48 × 64 pixels"),
)
BOMB = made(compressed(JPEG2000Lossless, spoil=claims_60000), syntax=JPEG2000Lossless)

DAMAGED_STREAMS: tuple[BadInput, ...] = (
    BadInput("JPEG 2000: 60,000² in the header too", made(vast, syntax=JPEG2000Lossless), "skip", "larger than any CT"),
    BadInput("JPEG 2000: claims 60,000²", BOMB, "skip", "claims 60000 × 60000"),
    *(
        BadInput(f"{name}: {damage}", made(compressed(syntax, shape, spoil), syntax=syntax), "refuse", says)
        for name, syntax in (("JPEG-LS", JPEGLSLossless), ("JPEG 2000", JPEG2000Lossless))
        for damage, shape, spoil, says in DAMAGE
    ),
)


def mutated(data: bytes, seed: int) -> bytes:
    """`data` with one to eight bytes changed, put in or taken out, anywhere; the same for the same seed."""
    chance = random.Random(seed)
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        place = chance.randrange(len(spoilt))
        kind = chance.randrange(4)
        if kind == 0:
            spoilt[place] = chance.randrange(256)
        elif kind == 1:
            del spoilt[place : place + chance.randrange(1, 9)]
        elif kind == 2:
            spoilt[place:place] = chance.randbytes(chance.randrange(1, 9))
        else:
            spoilt[place : place + 4] = chance.choice((b"\xff\xff\xff\xff", bytes(4), b"\xff\xff\xff\x7f"))
    return bytes(spoilt)
