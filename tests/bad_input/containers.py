"""Files that hold or describe many images: enhanced, mosaic, zip archives, DICOMDIR."""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import made_archives
from made_archives import Spoil, archive
from made_frames import enhanced, mosaic
from made_media import FIRST, dicomdir
from made_series import image, series, setting, write
from pydicom.dataset import Dataset

from bad_input.raw import put
from bad_input.row import FOUR, THREE, BadInput, Make


def zipped(*spoils: Spoil, name: str = "a.zip", method: int = zipfile.ZIP_DEFLATED) -> Make:
    def make(folder: Path) -> None:
        path = archive(folder / name, method=method)
        for spoil in spoils:
            spoil(path)

    return make


def beside(make: Make) -> Make:
    def both(folder: Path) -> None:
        make(folder)
        series(folder / "sound", name="b")

    return both


def nested_archives(path: Path, depth: int = 20) -> None:
    """Archives in archives, all the way down."""
    data = path.read_bytes()
    for n in range(depth):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(f"{n}.zip", data)
        data = path.read_bytes()


def data_behind(path: Path) -> None:
    path.write_bytes(b"MZ" + bytes(500) + path.read_bytes())


def framed(change: Callable[[Dataset], Any] = lambda data_set: None, **options: Any) -> Make:
    """A sound series, and an enhanced CT of four frames that is changed."""

    def make(folder: Path) -> None:
        series(folder, name="b")
        data_set = enhanced([image(k) for k in range(4)], **options)
        change(data_set)
        write(data_set, folder / "enhanced.dcm")

    return make


def frames(value: bytes) -> Make:
    """The NumberOfFrames that an enhanced image claims."""

    def make(folder: Path) -> None:
        framed()(folder)
        path = folder / "enhanced.dcm"
        path.write_bytes(put("NumberOfFrames", value)(path.read_bytes()))

    return make


def without_group(keyword: str) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        for item in (*data_set.SharedFunctionalGroupsSequence, *data_set.PerFrameFunctionalGroupsSequence):
            if keyword in item:
                delattr(item, keyword)

    return change


def in_frame(group: str, keyword: str, value: object) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        item = data_set.PerFrameFunctionalGroupsSequence[1]
        setattr(getattr(item, group)[0], keyword, value)

    return change


def fewer_groups(data_set: Dataset) -> None:
    del data_set.PerFrameFunctionalGroupsSequence[3]


def no_groups(data_set: Dataset) -> None:
    del data_set.PerFrameFunctionalGroupsSequence


def fewer_pixels(data_set: Dataset) -> None:
    data_set.PixelData = data_set.PixelData[:-60]


def cut_enhanced(folder: Path) -> None:
    framed()(folder)
    path = folder / "enhanced.dcm"
    path.write_bytes(path.read_bytes()[:-50])


def tiled(change: Callable[[Dataset], Any] = lambda data_set: None, spoil: Callable[[bytes], bytes] = bytes) -> Make:
    """A sound series, and a mosaic of four tiles that is changed."""

    def make(folder: Path) -> None:
        series(folder, name="b")
        data_set = mosaic([image(k, modality="MR") for k in range(4)])
        data_set.SeriesInstanceUID = "1.2.3"
        change(data_set)
        path = write(data_set, folder / "mosaic.dcm")
        path.write_bytes(spoil(path.read_bytes()))

    return make


def csa_number(text: bytes) -> Callable[[bytes], bytes]:
    """The NumberOfImagesInMosaic that the CSA header claims, in the room that `4` had."""

    def spoil(data: bytes) -> bytes:
        start = data.index(b"NumberOfImagesInMosaic")
        place = data.index(b"4\0\0\0", start + 84)
        return data[:place] + text.ljust(4, b"\0")[:4] + data[place + 4 :]

    return spoil


def csa_field(offset: int, value: int) -> Callable[[bytes], bytes]:
    """A number of the CSA header that is absurd; `offset` from its mark."""

    def spoil(data: bytes) -> bytes:
        place = data.index(b"SV10") + offset
        return data[:place] + struct.pack("<I", value) + data[place + 4 :]

    return spoil


def medium(change: Callable[[Dataset], Any] | None = None, files: Sequence[Sequence[str]] | None = None) -> Make:
    """A medium of a series of four, whose DICOMDIR is changed."""

    def make(folder: Path) -> None:
        for k, path in enumerate(series(folder / "DICOM")):
            path.rename(folder / "DICOM" / f"IM{k}")
        shutil.copy(folder / "DICOM" / "IM0", folder.parent / "outside.dcm")
        dicomdir(folder, [("DICOM", f"IM{k}") for k in range(4)] if files is None else files, change)

    return make


def looping(keyword: str) -> Make:
    """A medium whose first record is followed by itself."""

    def make(folder: Path) -> None:
        medium()(folder)
        place = (folder / "DICOMDIR").read_bytes().index(b"\xfe\xff\x00\xe0")

        def change(data_set: Dataset) -> None:
            setattr(data_set, FIRST, place)
            setattr(data_set.DirectoryRecordSequence[0], keyword, place)

        dicomdir(folder, FOUR_PARTS, change)

    return make


def linked_outside(folder: Path) -> None:
    medium()(folder)
    (folder / "DICOM" / "IM1").unlink()
    os.symlink("/etc/passwd", folder / "DICOM" / "IM1")


FOUR_PARTS = [("DICOM", f"IM{k}") for k in range(4)]
OUT = (("..", "outside.dcm"), ("", "etc", "passwd"), ("DICOM", "..", "..", "outside.dcm"), ("../outside.dcm",))

ROWS: tuple[BadInput, ...] = (
    BadInput(
        "sound archives",
        "load",
        {
            "deflated": zipped(),
            "stored": zipped(method=zipfile.ZIP_STORED),
            "odd name": zipped(name="\x1b[2J{}%s.zip"),
            "among 50,000 texts": zipped(made_archives.crowd(50_000)),
        },
        stacks=FOUR,
    ),
    BadInput(
        "members that are not read",
        "skip",
        {
            "slip": zipped(made_archives.with_member("../../slip.dcm")),
            "absolute": zipped(made_archives.with_member("/tmp/slip.dcm")),
            "drive": zipped(made_archives.with_member("C:\\slip.dcm")),
            "backslashes": zipped(made_archives.with_member("..\\..\\slip.dcm")),
            "terminal": zipped(made_archives.with_member("../\x1b[2J.dcm")),
            "link": zipped(made_archives.link),
            "FIFO": zipped(made_archives.with_member("pipe.dcm", b"", 0o010644)),
            "nested": zipped(made_archives.nested),
        },
        "",
        "a.zip",
        FOUR,
    ),
    BadInput(
        "members that can't be read",
        "skip",
        {
            "encrypted": zipped(made_archives.encrypted),
            "another method": zipped(made_archives.strange_method),
            "claims less": zipped(made_archives.claims_less),
            "claims more": zipped(made_archives.claims_more),
            "claims to lie elsewhere": zipped(made_archives.claims_elsewhere),
            "bytes that fell over": zipped(made_archives.other_bytes),
        },
        "",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "archives that are not read",
        "skip",
        {
            "cut": beside(zipped(made_archives.cut)),
            "none": beside(zipped(made_archives.no_archive)),
            "empty": beside(zipped(lambda path: path.write_bytes(b""))),
            "without members": beside(zipped(lambda path: path.write_bytes(b"PK\5\6" + bytes(18)))),
            "bomb": beside(zipped(made_archives.bomb)),
            "overlapping bomb": beside(zipped(made_archives.overlapping_bomb)),
            "200,001 entries": beside(zipped(made_archives.too_many)),
            "archives in archives": beside(zipped(nested_archives)),
        },
        "",
        "a.zip",
        FOUR,
        bomb=True,
    ),
    BadInput(
        "DICOMDIR of a sound medium, or one that says wrong things of sound files",
        "load",
        {"sound": medium(), "twice": medium(files=FOUR_PARTS * 2)},
        stacks=FOUR,
    ),
    BadInput(
        "DICOMDIR that leads astray",
        "skip",
        {
            "records in circles": (looping("OffsetOfTheNextDirectoryRecord")),
            "records below themselves": (looping("OffsetOfReferencedLowerLevelDirectoryEntity")),
            **{"/".join(parts): medium(files=[*FOUR_PARTS, parts]) for parts in OUT},
            "missing file": medium(files=[*FOUR_PARTS, ("DICOM", "GONE")]),
        },
        "in circles|leads out of|it is not there|DICOMDIR",
        stacks=FOUR,
        given="DICOMDIR",
    ),
    BadInput(
        "a link out of a medium",
        "skip",
        {"": linked_outside},
        "leads out of the medium",
        "IM1",
        THREE,
        given="DICOMDIR",
    ),
    BadInput("sound enhanced image and mosaic", "load", {"enhanced": framed(), "not shared": framed(shared=False)}),
    BadInput(
        "an enhanced image that is not sound",
        "skip",
        {
            **{f"NumberOfFrames {value!r}": frames(value) for value in (b"0", b"-4", b"3", b"5", b"999999999", b"x")},
            "no per-frame groups": framed(no_groups),
            "fewer groups": framed(fewer_groups),
            "fewer pixels": framed(fewer_pixels),
            "cut": cut_enhanced,
            "no orientation": framed(without_group("PlaneOrientationSequence")),
            "no position": framed(without_group("PlanePositionSequence")),
            "slope 0 of a frame": framed(in_frame("PixelValueTransformationSequence", "RescaleSlope", 0), shared=False),
            "a position nowhere of a frame": framed(
                in_frame("PlanePositionSequence", "ImagePositionPatient", ["1e9", "0", "0"])
            ),
            "zero orientation of a frame": framed(
                in_frame("PlaneOrientationSequence", "ImageOrientationPatient", [0] * 6), shared=False
            ),
        },
        "",
        "enhanced.dcm",
        FOUR,
    ),
    BadInput(
        "a mosaic that is not sound",
        "skip",
        {
            "no CSA header": tiled(lambda data_set: data_set.pop(0x00291010)),
            **{
                f"claims {text!r} images": tiled(spoil=csa_number(text)) for text in (b"0", b"-4", b"9999", b"x", b"10")
            },
            "absurd number of elements": tiled(spoil=csa_field(8, 0x7FFFFFFF)),
            "absurd number of items": tiled(spoil=csa_field(16 + 76, 0x7FFFFFFF)),
            "no spacing": tiled(lambda data_set: setting(SliceThickness=None)(data_set, 0)),
            "cut": tiled(spoil=lambda data: data[:-50]),
        },
        "",
        "mosaic.dcm",
        FOUR,
    ),
)
