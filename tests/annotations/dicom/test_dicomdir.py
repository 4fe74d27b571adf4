"""DICOMDIR media: what they describe is read, nothing outside of them, and what is wrong with them is told."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from made_media import FIRST, dicomdir
from made_series import series
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from callout import dicom
from callout.cli import main

DATA = Path(os.environ.get("CALLOUT_DATA", "nowhere")) / "pydicom_dicomdir_charset" / "dicomdirtests"


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A folder `CD` with four images in `CD/IMAGES`, and one of another series beside it."""
    for k, path in enumerate(series(tmp_path / "CD" / "IMAGES")):
        path.rename(path.with_name(f"IM{k}"))
    series(tmp_path, 1, name="outside")
    return tmp_path / "CD"


def images(count: int = 4) -> list[Sequence[str] | str | None]:
    return [("IMAGES", f"IM{k}") for k in range(count)]


def test_what_it_describes_is_read(medium: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series(medium, 2, name="beside")
    path = dicomdir(medium, images(3))
    found = dicom.scan([path])
    assert [len(one.instances) for one in found.series] == [3]
    assert not found.skipped
    assert sorted(len(one.instances) for one in dicom.scan([medium]).series) == [2, 4]
    path = path.rename(medium / "directory")  # known by what it says of itself
    assert main(["inspect", str(path)]) == 0
    assert "series a" in capsys.readouterr().out


@pytest.mark.parametrize(
    "spell", [str.lower, lambda name: name + ".", lambda name: name + ";1", lambda name: name + ".;1"]
)
def test_names_are_found_as_iso_9660_spells_them(spell: Callable[[str], str], medium: Path) -> None:
    path = dicomdir(medium, images())
    for image in list((medium / "IMAGES").iterdir()):
        image.rename(image.with_name(spell(image.name)))
    (medium / "IMAGES").rename(medium / "images")
    assert [len(one.instances) for one in dicom.scan([path]).series] == [4]


@pytest.mark.parametrize(
    "parts",
    [
        ("..", "outside-0.dcm"),
        ("IMAGES", "..", "..", "outside-0.dcm"),
        "/etc/passwd",
        ("", "etc", "passwd"),
        ("IMAGES/../../outside-0.dcm",),
        "C:outside",
        ("LINK", "outside-0.dcm"),
        "LINKED",
    ],
)
def test_nothing_outside_of_it_is_read(parts: Sequence[str] | str, medium: Path) -> None:
    (medium / "LINK").symlink_to(medium.parent)
    (medium / "LINKED").symlink_to(medium.parent / "outside-0.dcm")
    path = dicomdir(medium, [*images(), parts])
    found = dicom.scan([path])
    assert [len(one.instances) for one in found.series] == [4]
    (skipped,) = found.skipped
    assert skipped.kind == "refused"
    assert "out of the medium" in skipped.reason


def test_what_is_missing_is_told(medium: Path) -> None:
    (medium / "IMAGES" / "IM1").unlink()
    (medium / "IMAGES" / "IM2").unlink()
    os.mkfifo(medium / "IMAGES" / "IM2")
    found = dicom.scan([dicomdir(medium, images())])
    assert [len(one.instances) for one in found.series] == [2]
    told = {Path(one.path).name: one.reason for one in found.skipped}
    assert "not there" in told["IM1"]
    assert "no regular file" in told["IM2"]


def test_nothing_there_is_a_clear_error(medium: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dicomdir(medium, [("IMAGES", "GONE")])
    assert main(["inspect", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "GONE" in said
    path = dicomdir(medium, [])
    assert main(["inspect", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def places(path: Path) -> list[int]:
    """Where the records lie in the file."""
    data, found = path.read_bytes(), []
    place = data.find(b"\xfe\xff\x00\xe0")
    while place >= 0:
        found.append(place)
        place = data.find(b"\xfe\xff\x00\xe0", place + 4)
    return found


@pytest.mark.parametrize("loop", [(0, 1, 0), (0, 0), (0, 1, 2, 3, 1)])
@pytest.mark.parametrize("keyword", ["OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity"])
def test_records_that_run_in_circles(loop: tuple[int, ...], keyword: str, medium: Path) -> None:
    where = places(dicomdir(medium, images()))

    def tie(data_set: Dataset) -> None:
        setattr(data_set, FIRST, where[loop[0]])
        for here, following in itertools.pairwise(loop):
            setattr(data_set.DirectoryRecordSequence[here], keyword, where[following])

    found = dicom.scan([dicomdir(medium, images(), tie)])
    assert [len(one.instances) for one in found.series] == [4]
    (skipped,) = found.skipped
    assert "circles" in skipped.reason


def test_a_file_described_twice_is_read_once(medium: Path) -> None:
    found = dicom.scan([dicomdir(medium, images() * 3)])
    (one,) = found.series
    assert len(one.instances) == 4
    assert not one.warnings


def test_damage(medium: Path) -> None:
    path = dicomdir(medium, images())
    whole = path.read_bytes()
    for size in range(140, len(whole), 13):
        path.write_bytes(whole[:size])
        found = dicom.scan([path])
        assert len(found.series) <= 1
        assert found.series or found.skipped or size < 600
    path.write_bytes(whole.replace(b"IMAGES\\IM1", b"IMAGES\xff\xfe\0\1"))
    assert [len(one.instances) for one in dicom.scan([path]).series] == [3]


def test_deflated_and_nested_ones_are_refused_not_inflated(medium: Path) -> None:
    path = dicomdir(medium, images(), syntax=DeflatedExplicitVRLittleEndian)
    (skipped,) = dicom.scan([path]).skipped
    assert "deflated" in skipped.reason
    undefined, item = b"\xff" * 4, b"\xfe\xff\x00\xe0"
    nest = (b"\x04\x00\x20\x12SQ\0\0" + undefined + item + undefined) * 3000
    path = dicomdir(medium, [])
    path.write_bytes(path.read_bytes()[:-12] + nest)
    assert not dicom.scan([path]).series


def test_a_name_that_lies(medium: Path) -> None:
    (medium / "DICOMDIR").write_bytes(b"no DICOM at all")
    assert dicom.scan([medium / "DICOMDIR"]).skipped[0].reason == "not DICOM"


@pytest.mark.skipif(not DATA.is_dir(), reason="CALLOUT_DATA has no pydicom_dicomdir_charset")
@pytest.mark.parametrize("kind", ["", "-bigEnd", "-implicit", "-nooffset", "-nopatient", "-reordered"])
def test_media_of_several_writers(kind: str) -> None:
    found = dicom.scan([DATA / f"DICOMDIR{kind}"])
    assert len(found.series) == 21
    assert [one.reason for one in found.skipped] == ["a radiograph (CR)"] * 3
