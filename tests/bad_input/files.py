"""Files that are cut, empty, noise or no files at all, under names of every kind, in folders of every shape."""

from __future__ import annotations

import os
import random
import socket
import struct
from pathlib import Path

from made_series import image, pixels, series, write
from made_streams import LOSSLESS
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from bad_input.raw import UNDEFINED, added, element, elements, put, where
from bad_input.row import FOUR, THREE, BadInput, Make, edited


def holding(**contents: bytes) -> Make:
    """A folder of files by name (_ for a dot), beside which there is nothing."""

    def make(folder: Path) -> None:
        for name, content in contents.items():
            (folder / name.replace("_", ".")).write_bytes(content)

    return make


def beside(make: Make) -> Make:
    """A sound series with something in the folder beside it."""

    def both(folder: Path) -> None:
        series(folder)
        make(folder)

    return both


def of_zeros(folder: Path) -> None:
    with (folder / "zeros.dcm").open("wb") as file:
        file.truncate(1 << 30)


def zeros_after(keep: int) -> Make:
    """A sound file whose bytes from one place on are zeros, a GiB of them (a disk that lost its blocks)."""

    def make(folder: Path) -> None:
        path = series(folder)[1]
        data = path.read_bytes()
        with path.open("wb") as file:
            file.write(data[:keep])
            file.truncate(1 << 30)

    return make


def picture(folder: Path) -> None:
    data_set = image()
    data_set.SOPClassUID, data_set.Modality = "1.2.840.10008.5.1.4.1.1.7", "OT"
    write(data_set, folder / "picture.dcm")


def cut_everywhere(syntax: str) -> Make:
    """One sound file, and copies of the next one cut at every hundred bytes."""

    def make(folder: Path) -> None:
        change = swapped if syntax == ExplicitVRBigEndian else None
        path, other = series(folder, 2, change, syntax=syntax)
        data = other.read_bytes()
        other.unlink()
        for size in range(0, len(data), 100):
            (folder / f"a-1-{size:04}.dcm").write_bytes(data[:size])
        path.rename(folder / "whole.dcm")

    return make


def swapped(data_set: Dataset, k: int) -> None:
    data_set.PixelData = pixels(k).astype(">u2").tobytes()


def vast(folder: Path) -> None:
    """An uncompressed image of 32,768 × 32,768 pixels, all there, in a file with holes."""
    path = series(folder)[1]
    data = path.read_bytes()
    for keyword in ("Rows", "Columns"):
        data = put(keyword, b"\0\x80", b"US")(data)
    _, value, _ = where(data, "PixelData")
    with path.open("wb") as file:
        file.write(data[: value - 4] + struct.pack("<I", 1 << 31))
        file.truncate(value + (1 << 31))


def zeros_behind(folder: Path) -> None:
    path = series(folder)[1]
    with path.open("r+b") as file:
        file.truncate(1 << 30)


def noise(name: str, head: bytes = b"") -> Make:
    return lambda folder: (folder / name).write_bytes(head + random.Random(1).randbytes(5000))


def claiming(tag: int, vr: bytes, length: int, value: bytes = b"") -> Make:
    """A private or unusual element whose head claims a length that the file does not have."""
    return edited(added(tag, element(tag, vr, value, length)))


def cut_at_pixels(data: bytes) -> bytes:
    return data[: where(data, "PixelData")[0]]


def length_of_pixels(length: int) -> Make:
    def edit(data: bytes) -> bytes:
        _, value, _ = where(data, "PixelData")
        return data[: value - 4] + struct.pack("<I", length) + data[value:]

    return edited(edit)


def group_lengths(value: int) -> Make:
    """Group lengths of the file meta information and of group 8 that are none."""

    def edit(data: bytes) -> bytes:
        meta = data[:140] + struct.pack("<I", value) + data[144:]
        first = next(start for tag, start, _, _ in elements(meta) if tag >= 0x00080000)
        return meta[:first] + element(0x00080000, b"UL", struct.pack("<I", value)) + meta[first:]

    return edited(edit)


def without_preamble(data: bytes) -> bytes:
    return data[128 + 4 :]


def claimed_syntax(written: str, claimed: str) -> Make:
    """Files written in one syntax that claim another."""
    return edited(put("TransferSyntaxUID", claimed.encode() + b"\0" * (len(claimed) % 2)), only=None, syntax=written)


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
    (folder / "terminal.dcm").symlink_to("/dev/tty")
    (folder / "processes").symlink_to("/proc/self/fd/0")
    (folder / "gone.dcm").symlink_to(folder / "nowhere")
    (folder / "images" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")


def links_in_circles(folder: Path) -> None:
    series(folder / "a" / "b")
    (folder / "a" / "b" / "a").symlink_to("..")
    (folder / "a" / "b" / "b").symlink_to(".")
    (folder / "again").symlink_to("a")
    (folder / "ping").symlink_to("pong")
    (folder / "pong").symlink_to("ping")


def unreadable(folder: Path) -> None:
    """A folder and a file that may not be read (to root they may)."""
    series(folder)
    (folder / "locked").mkdir(mode=0)
    (folder / "locked.txt").touch(mode=0)


def named(*names: bytes) -> Make:
    def make(folder: Path) -> None:
        for path, name in zip(series(folder), names, strict=True):
            os.rename(path, os.path.join(os.fsencode(folder), name))

    return make


def long_path(length: int) -> Make:
    """Images so deep that their path is of a given length."""

    def make(folder: Path) -> None:
        made = series(folder)
        here = os.getcwd()
        os.chdir(folder)
        try:
            while (room := length - len(os.getcwd()) - 10) > 0:
                name = "d" * min(200, room)
                os.mkdir(name)
                for path in made:
                    os.rename(path.name, f"{name}/{path.name}")
                os.chdir(name)
        finally:
            os.chdir(here)

    return make


def deep(depth: int) -> Make:
    def make(folder: Path) -> None:
        paths = series(folder)
        target = folder / Path(*["d"] * depth)
        target.mkdir(parents=True)
        for k, path in enumerate(paths):
            path.rename(target / f"no extension {k}")

    return make


def crowd(count: int) -> Make:
    """Very many small texts, and one series among them."""

    def make(folder: Path) -> None:
        series(folder / "m")
        for n in range(count):
            if n % 10_000:
                os.link(folder / f"{n // 10_000 * 10_000}.txt", folder / f"{n}.txt")
            else:  # a file has room for only so many names
                (folder / f"{n}.txt").write_bytes(b"no image")

    return make


UNCOMPRESSED = (*(ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian),)
CUT = "cut|damaged|not DICOM|empty file|no image|no PixelData|pydicom can't read"
TOO_LONG = "cut|longer than|damaged|pydicom can't read|no PixelData"
ROWS: tuple[BadInput, ...] = (
    BadInput("no files", "refuse", {"empty folder": lambda folder: None}, "no files"),
    BadInput(
        "no images",
        "refuse",
        {
            "report only": holding(report_txt=b"a report"),
            "report, empty file and noise": holding(
                report_txt=b"a report", empty_dcm=b"", noise_dcm=bytes(range(256)) * 20
            ),
            "zeros": holding(a_dcm=bytes(5000)),
            "a GiB of zeros": of_zeros,
            "preamble only": holding(a_dcm=bytes(128) + b"DICM"),
            "preamble and a little": holding(a_dcm=bytes(128) + b"DICM\2\0\0\0UL"),
            "noise behind DICM": noise("noise.dcm", bytes(128) + b"DICM"),
            "noise": noise("noise.dcm"),
            "noise that starts as a data set": noise("noise.dcm", b"\x08\0\x05\0CS\x0a\0ISO_IR 100"),
            "secondary capture": picture,
        },
        "no CT or MR images among 1 file|empty.dcm: an empty file .1 more|not DICOM|cut|secondary capture|"
        "pydicom can't read|no image|TransferSyntaxUID|unknown form|no transfer syntax|DICOM without an image",
    ),
    BadInput(
        "no images, beside a series",
        "skip",
        {
            "an empty file": beside(holding(a_dcm=b"")),
            "zeros": beside(holding(a_dcm=bytes(5000))),
            "a GiB of zeros": beside(of_zeros),
            "preamble only": beside(holding(a_dcm=bytes(128) + b"DICM")),
            "noise": beside(noise("a.dcm")),
            "noise behind DICM": beside(noise("a.dcm", bytes(128) + b"DICM")),
        },
        CUT + "|TransferSyntaxUID|unknown form|no transfer syntax|DICOM without an image",
        stacks=FOUR,
    ),
    BadInput(
        "a file that is cut",
        "skip",
        {
            "in its header": edited(lambda data: data[:500]),
            "before PixelData": edited(cut_at_pixels),
            "behind PixelData's tag": edited(lambda data: data[: where(data, "PixelData")[0] + 6]),
            "behind PixelData's head": edited(lambda data: data[: where(data, "PixelData")[1]]),
            "in its pixels": edited(lambda data: data[:-11]),
            "by a byte": edited(lambda data: data[:-1]),
            "implicit, in its pixels": edited(lambda data: data[:-2], syntax=ImplicitVRLittleEndian),
            "in its file meta information": edited(lambda data: data[:200]),
            "lost blocks in the header": zeros_after(600),
        },
        CUT,
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "a file cut at every 100 bytes",
        "skip",
        {syntax: cut_everywhere(syntax) for syntax in (*UNCOMPRESSED, *LOSSLESS)},
        CUT,
        "a-1-",
        ((1, 6, 5),),
    ),
    BadInput("an image with holes, larger than any", "skip", {"": vast}, "larger than any CT", "a-1.dcm", THREE),
    BadInput("a GiB of zeros behind the pixels", "load", {"": zeros_behind}, stacks=FOUR),
    BadInput(
        "lengths that the file does not have",
        "skip",
        {
            "4 GiB of a private element": claiming(0x00091001, b"OB", 0xFFFFFFFE),
            "2 GiB of text": claiming(0x00091001, b"UT", 0x7FFFFFFF),
            "undefined length without an end": claiming(0x00091001, b"SQ", UNDEFINED),
            "undefined length of unknown kind": claiming(0x00091001, b"UN", UNDEFINED),
            "an item of 4 GiB": claiming(0x00091001, b"SQ", UNDEFINED, b"\xfe\xff\x00\xe0\xfe\xff\xff\xff"),
            "PixelData of 4 GiB": length_of_pixels(0xFFFFFFFE),
            "PixelData of 3 GiB": length_of_pixels(0xC0000000),
            "PixelData of no length": length_of_pixels(UNDEFINED),
            "PixelData of none": length_of_pixels(0),
        },
        TOO_LONG + "|PixelData",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "group lengths that are none",
        "load",
        {"zero": group_lengths(0), "most": group_lengths(0xFFFFFFFF), "too small": group_lengths(6)},
        stacks=FOUR,
    ),
    BadInput(
        "no preamble",
        "load",
        {
            "one file": edited(without_preamble),
            "all files": edited(without_preamble, only=None),
            "implicit": edited(without_preamble, only=None, syntax=ImplicitVRLittleEndian),
        },
        stacks=FOUR,
    ),
    BadInput(
        "a transfer syntax that is not the file's",
        "late",
        {
            "explicit that claims implicit": claimed_syntax("1.2.840.10008.1.2.1", "1.2.840.10008.1.2"),
            "implicit that claims explicit": claimed_syntax("1.2.840.10008.1.2", "1.2.840.10008.1.2.1"),
            "big that claims little": claimed_syntax(ExplicitVRBigEndian, "1.2.840.10008.1.2.1"),
            "explicit that claims deflated": claimed_syntax("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"),
            "explicit that claims JPEG 2000": claimed_syntax("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"),
            "explicit that claims RLE": claimed_syntax("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"),
            "unknown": claimed_syntax("1.2.840.10008.1.2.1", "1.2.3.4"),
            "a path": claimed_syntax("1.2.840.10008.1.2.1", "../../etc/passwd"),
        },
    ),
    BadInput(
        "FIFO, socket, device and links in circles",
        "load",
        {"all": fifo_socket_and_links, "circles": links_in_circles, "locked": unreadable},
        stacks=FOUR,
    ),
    *(
        BadInput(f"{kind} itself", "refuse", {"": fifo_socket_and_links}, says, given=given)
        for kind, given, says in (
            ("a FIFO", "images/0-pipe.dcm", "0-pipe.dcm"),
            ("a socket", "s.dcm", "s.dcm"),
            ("a device", "device.dcm", "device.dcm"),
            ("a link that leads nowhere", "gone.dcm", "can't open it .*gone.dcm"),
            ("a link to itself", "self", "can't open it .*self"),
            ("a name that nothing has", "nowhere", "can't open it .*nowhere"),
            ("a name longer than names are", "x" * 5000, "can't open it"),
        )
    ),
    BadInput(
        "odd file names",
        "load",
        {
            "bytes": named(b"a\nb.dcm", b"\xff\xfe.dcm", b"-rf", b"\x1b[2J{}%s"),
            "markup": named(b"<b>a<script>", b"[red]x[1]", b"=1+1", b"$(touch x)"),
            "long": named(b"a" * 255, b"b" * 255, b"~", b"..."),
            "capitals and direction marks": named(b"A.DCM", b"a.dcm", "\u202eabc.dcm".encode(), "é\u2028.dcm".encode()),
            "of other things": named(b"a.pdf", b"b.gz", b"DICOMDIR2", b"c.callout"),
        },
        stacks=FOUR,
    ),
    BadInput(
        "long paths and deep folders",
        "load",
        {"60 deep": deep(60), "900 deep": deep(900), "1,800 characters": long_path(1800)},
        stacks=FOUR,
    ),
    BadInput("a crowd of files", "load", {"100,000": crowd(100_000)}, stacks=FOUR),
)
