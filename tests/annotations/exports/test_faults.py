"""Faults planted in files that were written: each is found by the check, and by the export before it succeeds."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import made_stacks
import nibabel
import numpy as np
import pydicom
import pytest
from made_stacks import box

import callout
from callout.cli import main
from callout.errors import ExportFailed, InputError
from callout.exports import formats, verify

Fault = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with two findings, and its export as SEG, RTSTRUCT, NIfTI and NRRD in `out` beside it."""
    folder = tmp_path_factory.mktemp("sound")
    with made_stacks.case(folder, "oblique") as case:
        made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)), box((2, 5), (4, 6), (2, 5)))
        callout.export(case, folder / "out", to=["seg", "rtstruct", "nifti", "nrrd"])
    return folder


def change_seg(change: Callable[[pydicom.Dataset], None]) -> Fault:
    def fault(path: Path) -> None:
        dataset = pydicom.dcmread(path)
        change(dataset)
        dataset.save_as(path)

    return fault


def _bit(dataset: pydicom.Dataset) -> None:
    data = bytearray(dataset.PixelData)
    data[0] ^= 1
    dataset.PixelData = bytes(data)


def _segments(dataset: pydicom.Dataset) -> None:
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        item = frame.SegmentIdentificationSequence[0]
        item.ReferencedSegmentNumber = 3 - item.ReferencedSegmentNumber


def _codes(dataset: pydicom.Dataset) -> None:
    one, other = dataset.SegmentSequence
    kinds = one.SegmentedPropertyTypeCodeSequence, other.SegmentedPropertyTypeCodeSequence
    other.SegmentedPropertyTypeCodeSequence, one.SegmentedPropertyTypeCodeSequence = kinds


def _tracking(dataset: pydicom.Dataset) -> None:
    dataset.SegmentSequence[0].TrackingUID = "1.2.3"


def _shift(dataset: pydicom.Dataset) -> None:
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        position[0] = float(position[0]) + 0.7


def _frame_of_reference(dataset: pydicom.Dataset) -> None:
    dataset.FrameOfReferenceUID = "1.2.3"


def _series(dataset: pydicom.Dataset) -> None:
    dataset.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"


def _one_less(dataset: pydicom.Dataset) -> None:
    del dataset.SegmentSequence[1]


def _no_tracking(dataset: pydicom.Dataset) -> None:
    for item in dataset.SegmentSequence:
        del item.TrackingUID


def _segment_names(dataset: pydicom.Dataset) -> None:
    one, other = dataset.SegmentSequence
    one.SegmentLabel, other.SegmentLabel = other.SegmentLabel, one.SegmentLabel


def _category(dataset: pydicom.Dataset) -> None:
    dataset.SegmentSequence[0].SegmentedPropertyCategoryCodeSequence[0].CodeValue = "123037004"


def _algorithm(dataset: pydicom.Dataset) -> None:
    dataset.SegmentSequence[0].SegmentAlgorithmType = "AUTOMATIC"


def _contour(dataset: pydicom.Dataset) -> None:
    """A contour one voxel further down."""
    contour = dataset.ROIContourSequence[0].ContourSequence[0]
    values = np.array(contour.ContourData, np.float64).reshape(-1, 3) + np.array([0, 0.8, 0])
    contour.ContourData = [f"{value:.4f}" for value in values.reshape(-1)]


def _corner(dataset: pydicom.Dataset) -> None:
    contour = dataset.ROIContourSequence[1].ContourSequence[0]
    contour.ContourData = contour.ContourData[:6] + contour.ContourData[9:]
    contour.NumberOfContourPoints -= 1


def _slice(dataset: pydicom.Dataset) -> None:
    del dataset.ROIContourSequence[1].ContourSequence[0]


def _planes(dataset: pydicom.Dataset) -> None:
    """All contours of an ROI half a slice further on."""
    for contour in dataset.ROIContourSequence[0].ContourSequence:
        values = np.array(contour.ContourData, np.float64).reshape(-1, 3) + 1.25 * np.array(
            [-np.sin(0.4), 0, np.cos(0.4)]
        )
        contour.ContourData = [f"{value:.4f}" for value in values.reshape(-1)]


def _rois(dataset: pydicom.Dataset) -> None:
    for item in dataset.ROIContourSequence:
        item.ReferencedROINumber = 3 - item.ReferencedROINumber


def _observations(dataset: pydicom.Dataset) -> None:
    for item in dataset.RTROIObservationsSequence:
        item.ReferencedROINumber = 3 - item.ReferencedROINumber


def _roi_names(dataset: pydicom.Dataset) -> None:
    one, other = dataset.StructureSetROISequence
    one.ROIName, other.ROIName = other.ROIName, one.ROIName


def _roi_frame(dataset: pydicom.Dataset) -> None:
    for item in dataset.StructureSetROISequence:
        item.ReferencedFrameOfReferenceUID = "1.2.3"


def _roi_series(dataset: pydicom.Dataset) -> None:
    study = dataset.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0]
    study.RTReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"


def _roi_images(dataset: pydicom.Dataset) -> None:
    one, other = dataset.ROIContourSequence[0].ContourSequence
    one.ContourImageSequence, other.ContourImageSequence = other.ContourImageSequence, one.ContourImageSequence


def _volume(dataset: pydicom.Dataset) -> None:
    dataset.StructureSetROISequence[0].ConceptualVolumeIdentificationSequence[0].ConceptualVolumeUID = "1.2.3"


def _side(dataset: pydicom.Dataset) -> None:
    item = dataset.RTROIObservationsSequence[1].AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0]
    item.CodeValue = "24028007"


def change_nifti(change: Callable[[bytearray], None]) -> Fault:
    def fault(path: Path) -> None:
        data = bytearray(gzip.decompress(path.read_bytes()))
        change(data)
        path.write_bytes(gzip.compress(bytes(data)))

    return fault


def _voxel(data: bytearray) -> None:
    data[352] ^= 1


def _labels(data: bytearray) -> None:
    data[352:] = bytes(3 - value if value else 0 for value in data[352:])


def _affine(data: bytearray) -> None:
    rows = np.frombuffer(data, "<f4", 12, 280).reshape(3, 4).copy()
    rows[0, 3] += 0.7
    data[280:328] = rows.tobytes()


def _mirrored(data: bytearray) -> None:
    rows = np.frombuffer(data, "<f4", 12, 280).reshape(3, 4).copy()
    rows[0] *= -1
    data[280:328] = rows.tobytes()


def _no_labels(data: bytearray) -> None:
    data[352:] = bytes(len(data) - 352)


def _cut(data: bytearray) -> None:
    del data[-40:]


def change_nrrd(change: Callable[[bytearray, bytearray], None]) -> Fault:
    """`change` is given the header's text and the voxels; they are packed again as they were."""

    def fault(path: Path) -> None:
        head, blank, packed = path.read_bytes().partition(b"\n\n")
        header, voxels = bytearray(head), bytearray(gzip.decompress(packed))
        change(header, voxels)
        path.write_bytes(bytes(header) + blank + gzip.compress(bytes(voxels)))

    return fault


def _nrrd_voxel(_: bytearray, voxels: bytearray) -> None:
    voxels[-1] ^= 1


def _nrrd_labels(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"LabelValue:=1", b"LabelValue:=9").replace(b"LabelValue:=2", b"LabelValue:=1")


def _nrrd_uid(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"Callout.TrackingUID:2", b"Callout.TrackingUID:1", 1)


def _nrrd_no_uid(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"Callout.TrackingUID", b"Tracking")


def _nrrd_name(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"Segment0_Name:=cavity", b"Segment0_Name:=nodule")


def _nrrd_laterality(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"SCT^7771000^Left", b"SCT^24028007^Right")


def _nrrd_segment(header: bytearray, _: bytearray) -> None:
    lines = header.split(b"\n")
    header[:] = b"\n".join(line for line in lines if not line.startswith(b"Segment1_"))


def _nrrd_side(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"left-posterior-superior", b"right-posterior-superior")


def _nrrd_origin(header: bytearray, _: bytearray) -> None:
    header[:] = header.replace(b"space origin: (", b"space origin: (1")


def _flip_a_stored_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 16
    path.write_bytes(bytes(data))


def _flip_a_packed_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 16
    path.write_bytes(bytes(data))


FAULTS: dict[str, tuple[str, Fault]] = {
    "a voxel": ("seg", change_seg(_bit)),
    "the segments of frames": ("seg", change_seg(_segments)),
    "the codes of segments": ("seg", change_seg(_codes)),
    "a tracking UID": ("seg", change_seg(_tracking)),
    "no tracking UIDs": ("seg", change_seg(_no_tracking)),
    "the names of segments": ("seg", change_seg(_segment_names)),
    "a category": ("seg", change_seg(_category)),
    "how a segment was made": ("seg", change_seg(_algorithm)),
    "the positions": ("seg", change_seg(_shift)),
    "the frame of reference": ("seg", change_seg(_frame_of_reference)),
    "the series referred to": ("seg", change_seg(_series)),
    "a segment taken out": ("seg", change_seg(_one_less)),
    "another kind of file": ("seg", lambda path: path.write_bytes(b"DICM") and None),
    "a contour": ("rtstruct", change_seg(_contour)),
    "a corner": ("rtstruct", change_seg(_corner)),
    "a slice left out": ("rtstruct", change_seg(_slice)),
    "the planes": ("rtstruct", change_seg(_planes)),
    "ROI numbers": ("rtstruct", change_seg(_rois)),
    "ROIs' codes": ("rtstruct", change_seg(_observations)),
    "ROIs' names": ("rtstruct", change_seg(_roi_names)),
    "ROIs' frame of reference": ("rtstruct", change_seg(_roi_frame)),
    "ROIs' series": ("rtstruct", change_seg(_roi_series)),
    "contours' images": ("rtstruct", change_seg(_roi_images)),
    "an ROI's tracking UID": ("rtstruct", change_seg(_volume)),
    "a side": ("rtstruct", change_seg(_side)),
    "the end of a structure set": ("rtstruct", lambda path: path.write_bytes(path.read_bytes()[:-30]) and None),
    "a label": ("nifti", change_nifti(_voxel)),
    "labels swapped": ("nifti", change_nifti(_labels)),
    "the affine": ("nifti", change_nifti(_affine)),
    "left and right": ("nifti", change_nifti(_mirrored)),
    "all labels": ("nifti", change_nifti(_no_labels)),
    "the end": ("nifti", change_nifti(_cut)),
    "a bit of the packed file": ("nifti", _flip_a_stored_bit),
    "a label of a NRRD": ("nrrd", change_nrrd(_nrrd_voxel)),
    "labels of a NRRD swapped": ("nrrd", change_nrrd(_nrrd_labels)),
    "a tracking UID of a NRRD": ("nrrd", change_nrrd(_nrrd_uid)),
    "no tracking UIDs in a NRRD": ("nrrd", change_nrrd(_nrrd_no_uid)),
    "a name of a NRRD": ("nrrd", change_nrrd(_nrrd_name)),
    "a side of a NRRD": ("nrrd", change_nrrd(_nrrd_laterality)),
    "a segment taken out of a NRRD": ("nrrd", change_nrrd(_nrrd_segment)),
    "the space of a NRRD": ("nrrd", change_nrrd(_nrrd_side)),
    "the origin of a NRRD": ("nrrd", change_nrrd(_nrrd_origin)),
    "a bit of the packed NRRD": ("nrrd", _flip_a_packed_bit),
}
ENDINGS = {"seg": ".seg.dcm", "rtstruct": ".rtstruct.dcm", "nifti": ".mask.nii.gz", "nrrd": ".seg.nrrd"}


@pytest.mark.parametrize("name", FAULTS)
def test_verify_finds(name: str, sound: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kind, fault = FAULTS[name]
    shutil.copytree(sound / "out", tmp_path / "out")
    [path] = [file for file in (tmp_path / "out").iterdir() if file.name.endswith(ENDINGS[kind])]
    assert verify(tmp_path / "out") == []
    fault(path)
    problems = verify(tmp_path / "out")
    assert problems
    assert {problem.file for problem in problems} == {path.name}
    assert main(["verify", str(tmp_path / "out")]) == 1
    said = capfd.readouterr()
    assert path.name in said.out
    assert said.err == ""


def spoil_what_is_written(monkeypatch: pytest.MonkeyPatch, kind: str, fault: Fault) -> None:
    """The first file of `kind` is spoiled between writing and reading back, as a failing disk would do it."""
    module = formats.format_named(kind)
    write = module.write

    def write_and_spoil(outgoing: formats.Outgoing, folder: Path) -> list[formats.Written]:
        files = write(outgoing, folder)
        fault(folder / files[0].name)
        return files

    monkeypatch.setattr(module, "write", write_and_spoil)


@pytest.mark.parametrize("name", FAULTS)
def test_export_stops_at(name: str, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil_what_is_written(monkeypatch, *FAULTS[name])
    with (
        callout.open_case(sound / "a.callout", read_only=True) as case,
        pytest.raises(ExportFailed, match="nothing was written"),
    ):
        callout.export(case, tmp_path / "out", to=["seg", "rtstruct", "nifti", "nrrd"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_a_header_that_was_changed_afterwards_is_found(kind: str, sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    [path] = [file for file in (tmp_path / "out").iterdir() if file.name.endswith(ENDINGS[kind])]
    change_seg(lambda dataset: setattr(dataset, "PatientID", "somebody else's"))(path)
    [problem] = verify(tmp_path / "out")
    assert (problem.file, "was changed" in problem.message) == (path.name, True)


def test_a_failed_export_leaves_the_files_of_the_last_one(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with callout.open_case(sound / "a.callout", read_only=True) as case:
        callout.export(case, tmp_path / "out", to=["nifti"])
        before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        spoil_what_is_written(monkeypatch, "nifti", _flip_a_stored_bit)
        with pytest.raises(ExportFailed):
            callout.export(case, tmp_path / "out", to=["nifti"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_existing_files_are_replaced(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        path.write_bytes(b"old")
    with callout.open_case(sound / "a.callout", read_only=True) as case:
        exported = callout.export(case, tmp_path / "out", to=["seg", "rtstruct", "nifti", "nrrd"])
    assert verify(tmp_path / "out") == []
    assert sorted(exported.files) == sorted((tmp_path / "out").iterdir())


def test_where_nothing_can_be_written(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with callout.open_case(sound / "a.callout", read_only=True) as case:
        for folder in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(InputError, match="can't write there"):
                callout.export(case, folder, to=["nifti"])
        name = callout.export(case, tmp_path / "out", to=["nifti"]).files[0].name
        (tmp_path / "taken" / name).mkdir(parents=True)
        with pytest.raises(InputError, match="a folder has the name"):
            callout.export(case, tmp_path / "taken", to=["seg", "nifti"])
    assert [path.name for path in (tmp_path / "taken").iterdir()] == [name]
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_on_a_full_disk_nothing_is_left_out_in_silence(tmp_path: Path) -> None:
    """The limit lets the small files through, and not the segmentation."""
    import resource
    import signal

    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, *[box((0, 5), (0, 6), (0, 7))] * 40)
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with callout.open_case(tmp_path / "a.callout", read_only=True) as case:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
        try:
            with pytest.raises(InputError, match="can't write there"):
                callout.export(case, tmp_path / "out", to=["all"])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
    assert not (tmp_path / "out").exists()


ADDED = {
    "raises": "PER = 'case'\ndef write(o, f):\n    (f / 'half.txt').write_text('x')\n    raise KeyError('x')\n",
    "writes nothing": "PER = 'series'\ndef write(o, f): return [Written('never.txt', {})]\n",
    "names a path": (
        "PER = 'case'\ndef write(o, f):\n"
        "    (f / 'a.txt').write_text('x')\n    return [Written(f'../{f.name}/a.txt', {})]\n"
    ),
    "holds no JSON": (
        "PER = 'case'\ndef write(o, f):\n    (f / 'a.txt').write_text('x')\n    return [Written('a.txt', {'a': {1}})]\n"
    ),
    "is half there": "PER = 'case'\n",
    "can't be imported": "import not_there\n",
}


@pytest.mark.parametrize("code", ADDED.values(), ids=ADDED)
def test_an_added_format_that_is_broken_is_left_out_of_all(
    code: str, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = tmp_path / "site" / "tarot-1.dist-info"
    added.mkdir(parents=True)
    (added / "METADATA").write_text("Metadata-Version: 2.1\nName: tarot\nVersion: 1\n")
    (added / "entry_points.txt").write_text("[callout.formats]\ntarot = tarot_cards\n")
    written = "from callout.exports.formats import Written\n"
    (tmp_path / "site" / "tarot_cards.py").write_text(written + code + "def check(path, holds): return []\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delitem(sys.modules, "tarot_cards", raising=False)
    with callout.open_case(sound / "a.callout", read_only=True) as case:
        exported = callout.export(case, tmp_path / "out", to=["all"])
        assert [what.partition(":")[0] for what in exported.left_out if "tarot" in what] == ["tarot"]
        assert sorted(exported.files) == sorted((tmp_path / "out").iterdir())
        with pytest.raises(InputError, match=r"'tarot'.*mend or uninstall"):
            callout.export(case, tmp_path / "none", to=["tarot"])
    assert not (tmp_path / "none").exists()


def test_two_files_of_one_name_are_refused(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where an added format that writes for each series forgets to say so in its names."""
    module = formats.format_named("json")
    write = module.write
    monkeypatch.setattr(module, "write", lambda outgoing, folder: write(outgoing, folder) * 2)
    with (
        callout.open_case(sound / "a.callout", read_only=True) as case,
        pytest.raises(ExportFailed, match="two files are called measurements"),
    ):
        callout.export(case, tmp_path / "out", to=["json"])
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_found(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    next((tmp_path / "out").glob("*.dcm")).unlink()
    assert [problem.message for problem in verify(tmp_path / "out")] == ["is missing"]


NO_RECEIPTS = [  # beside those that say nothing at all
    b'{"files": []}',
    b'{"files": {}}',
    b'{"files": [{"name": 3, "format": "seg"}]}',
    b'{"files": [{"name": "", "format": "seg"}]}',
    b'{"files": [{"name": "a", "format": ["seg"]}]}',
    b"[" * 200_000,
]


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"files": 3}',
        b'{"files": [3]}',
        b'{"files": [{"name": "../a.nii.gz", "format": "seg"}]}',
        b"\xff",
        *NO_RECEIPTS,
    ],
)
def test_a_receipt_that_is_none_is_refused(receipt: bytes, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_bytes(receipt)
    with pytest.raises(InputError, match="receipt"):
        verify(tmp_path)


def test_a_folder_without_a_receipt_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"no receipt\.json"):
            verify(folder)


def test_a_receipt_with_lies_about_a_file_finds_that_file(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    path = tmp_path / "out" / "receipt.json"
    document = json.loads(path.read_bytes())
    document["files"][0]["format"] = "tarot"
    document["files"][1]["grid"]["shape"] = [1, 2]
    path.write_text(json.dumps(document))
    assert len(verify(tmp_path / "out")) == 2


def test_the_receipt_says_what_the_contract_says(sound: Path) -> None:
    """Per region: voxel count, box, SHA-256 of the packed bits."""
    import hashlib

    document = json.loads((sound / "out" / "receipt.json").read_bytes())
    for entry in document["files"]:
        first = entry["regions"][0]
        assert (first["number"], first["voxels"], first["box"]) == (1, 18, [[1, 0, 0], [3, 3, 3]])
        assert first["sha256"] == hashlib.sha256(np.packbits(np.ones(18, bool)).tobytes()).hexdigest()
    image = nibabel.load(next((sound / "out").glob("*.nii.gz")))
    assert np.count_nonzero(np.asarray(image.dataobj) == 1) == 18
