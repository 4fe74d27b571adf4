"""Zip files: images are read from where they lie, and nothing hostile about an archive reaches anything else."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import made_archives as made
import numpy as np
import pydicom
import pytest
from made_series import MR_IMAGE, image, pixels, series, setting, write
from made_streams import put, stream
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGLSLossless

from callout import dicom
from callout.cli import main
from callout.dicom import archive, sources
from callout.errors import InputError

REFUSED_MEMBERS = (
    ("up", made.with_member("../../evil.dcm"), "leads out", 4),
    ("up, the other slash", made.with_member("in\\..\\..\\evil.dcm"), "leads out", 4),
    ("absolute", made.with_member("/tmp/evil.dcm"), "leads out", 4),
    ("a drive", made.with_member("C:\\evil.dcm"), "leads out", 4),
    ("NUL", made.with_member("evil.dcm\0.txt"), "NUL", 4),
    ("a link", made.link, "a link", 4),
    ("an archive inside", made.nested, "not opened: unpack it", 4),
    ("a name twice", made.second_of_two, "twice", 4),
    ("encrypted", made.encrypted, "encrypted", 3),
    ("another method", made.strange_method, "method 97", 3),
    ("less claimed", made.claims_less, "lies about its size|cut", 3),
    ("more claimed", made.claims_more, "damaged", 3),
    ("placed elsewhere", made.claims_elsewhere, "damaged", 3),
    ("damaged bytes", made.other_bytes, "damaged", 3),
)
REFUSED_WHOLE = (
    ("cut", made.cut, "cut or damaged"),
    ("no zip", made.no_archive, "cut or damaged"),
    ("a bomb", made.bomb, "200 times its size"),
    ("an overlapping bomb", made.overlapping_bomb, "4 GiB"),
    ("too many", made.too_many, "200,000 files"),
)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("below", [False, True])
def test_images_are_read_where_they_lie(method: int, below: bool, tmp_path: Path) -> None:
    path = made.archive(tmp_path / "delivery.ZIP", method=method)
    found = dicom.scan([tmp_path if below else path])
    (one,) = found.series
    assert not found.skipped
    expected = [pixels(k).astype(np.int16) - 1024 for k in range(4)]
    assert np.array_equal(dicom.load(one).voxels, expected)
    assert np.array_equal(dicom.load_slice(one, 2), expected[2])
    assert sorted(os.listdir(tmp_path)) == ["delivery.ZIP"]
    assert one.instances[0].path == f"{path}/in/a-0.dcm"


def test_an_archive_of_any_name_is_read_where_it_is_named(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "delivery")
    assert len(dicom.scan([path]).series) == 1
    assert [one.reason for one in dicom.scan([tmp_path]).skipped] == ["not DICOM"]


@pytest.mark.parametrize(
    ("spoil", "says", "images"), [row[1:] for row in REFUSED_MEMBERS], ids=[row[0] for row in REFUSED_MEMBERS]
)
def test_a_member_that_is_refused_is_named(
    spoil: made.Spoil, says: str, images: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.archive(tmp_path / "a.zip")
    spoil(path)
    found = dicom.scan([path])
    (one,) = found.series
    (skipped,) = found.skipped
    assert len(one.instances) == images
    assert skipped.kind != "other file"
    assert skipped.path.startswith(f"{path}/")
    assert re.search(says, skipped.reason)
    assert main(["inspect", str(path)]) == 0
    assert re.search(f"skipped: .*({says})", capsys.readouterr().out)
    assert os.listdir(tmp_path) == ["a.zip"]
    assert len(dicom.load(one).voxels) == images


@pytest.mark.parametrize(("spoil", "says"), [row[1:] for row in REFUSED_WHOLE], ids=[row[0] for row in REFUSED_WHOLE])
def test_an_archive_that_is_refused_is_named(
    spoil: made.Spoil, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.archive(tmp_path / "a.zip")
    spoil(path)
    assert main(["inspect", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert says in said
    series(tmp_path / "beside")
    found = dicom.scan([tmp_path])
    assert len(found.series) == 1
    assert [(one.path, one.kind) for one in found.skipped] == [(str(path), "refused")]


def test_tar_and_the_like_are_told(tmp_path: Path) -> None:
    series(tmp_path)
    (tmp_path / "a.tar.gz").write_bytes(b"\x1f\x8b" + bytes(200))
    (tmp_path / "mask.nii.gz").write_bytes(b"\x1f\x8b" + bytes(200))
    told = {Path(one.path).name: one.kind for one in dicom.scan([tmp_path]).skipped}
    assert told == {"a.tar.gz": "other object", "mask.nii.gz": "other file"}


def test_names_that_are_no_utf8_or_spelled_oddly(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.zip", 2)
    for name, number in (("./in//b.dcm", 2), ("-rf\n\x1b[2J.dcm", 3), ("é" * 100 + ".dcm", 4)):
        with zipfile.ZipFile(path, "a") as file:
            place = write(image(number), tmp_path / "one.dcm")
            file.write(place, name)
            place.unlink()
    (one,) = dicom.scan([path]).series
    assert len(dicom.load(one).voxels) == 5
    assert all(sources.source_exists(os.path.abspath(instance.path)) for instance in one.instances)


def test_headers_longer_than_the_first_read_and_deflated_data_sets(tmp_path: Path) -> None:
    def long(data_set: pydicom.Dataset, k: int) -> None:
        data_set.add_new(0x00091001, "OB", bytes(range(256)) * 400)

    paths = series(tmp_path / "s", 3, long) + series(tmp_path / "s", 3, name="b", syntax=DeflatedExplicitVRLittleEndian)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in paths:
            file.write(path, path.name)
    found = dicom.scan([tmp_path / "a.zip"])
    assert [dicom.load(one).voxels.shape for one in found.series] == [(3, 6, 5), (3, 6, 5)]
    assert not found.skipped


def test_a_large_member_is_inflated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.archive(tmp_path / "a.zip", 1)
    monkeypatch.setattr(sources, "LARGE", 10)
    member = f"{path}/in/a-0.dcm"
    first, second = sources.open_file(member), sources.open_file(member)
    assert os.path.sameopenfile(first, second)
    with sources.open_binary(member) as file:
        assert not os.path.sameopenfile(first, file.fileno())
        assert len(file.read()) == os.fstat(first).st_size == sources.stat_of(member)[0]
    os.close(first)
    os.close(second)


def test_an_archive_that_changed_is_read_again(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.zip", 2)
    (one,) = dicom.scan([path]).series
    made.archive(path, 2, name="b")
    with pytest.raises(InputError):
        dicom.load(one)
    assert not sources.source_exists(f"{path}/in/a-0.dcm")
    assert len(dicom.scan([path]).series[0].instances) == 2


def test_paths_below_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    for path in (f"{tmp_path}/file/a.dcm", f"{tmp_path}/gone/a.dcm", f"{tmp_path}/gone.zip/a.dcm", "a\0b", ""):
        assert not sources.source_exists(path)
    with pytest.raises(OSError, match="damaged"):
        sources.open_file(f"{tmp_path}/file/a.dcm")


def test_a_case_finds_its_images_in_an_archive(tmp_path: Path) -> None:
    import callout

    path = made.archive(tmp_path / "a.zip")
    with callout.create_case(tmp_path / "a.callout", path, reader="r") as case:
        assert case.series[0].grid.shape == (4, 6, 5)
    with callout.open_case(tmp_path / "a.callout") as case:
        assert np.array_equal(dicom.load(case.series[0]).voxels[3], pixels(3).astype(np.int16) - 1024)


def test_segmentations_of_images_in_an_archive(tmp_path: Path) -> None:
    import callout

    path = made.archive(tmp_path / "a.zip")
    with callout.create_case(tmp_path / "a.callout", path, reader="r") as case:
        region = case.add_region(case.add_finding("nodule"), case.series[0].id)
        case.paint(region, 1, np.ones((6, 5), bool))
        callout.export(case, tmp_path / "out", ["seg"])
    assert list((tmp_path / "out").rglob("*.seg.dcm"))


def test_listing_claims_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LONGEST_LIST", 100)
    path = made.archive(tmp_path / "a.zip")
    (skipped,) = dicom.scan([path]).skipped
    assert "longer than" in skipped.reason


def test_images_of_two_kinds(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.zip")
    series(tmp_path / "mr", change=setting(SOPClassUID=MR_IMAGE), name="m", modality="MR")
    assert [one.modality for one in dicom.scan([tmp_path, path]).series] == ["CT", "MR"]


def test_compressed_images_of_one_size_in_other_fragments(tmp_path: Path) -> None:
    """Members are inflated into files that may come to lie where the one before lay: they are told apart."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for k in range(4):
            data_set, samples = image(k), pixels(k, 40, 40)
            data_set.Rows = data_set.Columns = 40
            data = stream(samples, JPEGLSLossless)
            data += bytes(len(data) % 2)
            cut = 20 + 10 * k
            put(data_set, encapsulate([data[:cut], data[cut:]], has_bot=False))
            data_set.add_new(0xFFFCFFFC, "OB", bytes(4000 - len(data)))
            path = write(data_set, tmp_path / "one", JPEGLSLossless)
            file.write(path, f"{k}.dcm")
    assert len({member.file_size for member in zipfile.ZipFile(tmp_path / "a.zip").infolist()}) == 1
    (series,) = dicom.find_series(tmp_path / "a.zip")
    stored = np.stack([pixels(k, 40, 40) for k in range(4)])
    assert np.array_equal(dicom.load(series).voxels, stored.astype(int) - 1024)
