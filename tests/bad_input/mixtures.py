"""Several things in one series or folder: patients, planes, sizes, phases, copies, localizers, UIDs that repeat."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from made_series import Change, image, pixels, series, setting, uid, write
from pydicom.dataset import Dataset

from bad_input.raw import put
from bad_input.row import FOUR, THREE, BadInput, Make, Seen, any_voxels, edited, made, settings

TWOS = ((2, 6, 5), (2, 6, 5))


def copies(folder: Path) -> None:
    for path in series(folder):
        shutil.copy(path, folder / f"copy of {path.name}")


def copies_elsewhere(folder: Path) -> None:
    """The whole export twice, and one file a third time under a name without ending."""
    for path in series(folder / "a"):
        (folder / "export 2").mkdir(exist_ok=True)
        shutil.copy(path, folder / "export 2" / path.name)
    shutil.copy(folder / "a" / "a-1.dcm", folder / "IM0001")


def links_to_copies(folder: Path) -> None:
    for path in series(folder / "a"):
        (folder / path.name).symlink_to(path)


def twin(**values: object) -> Make:
    """A second image at the place of slice 1, of its own UID and pixels."""

    def make(folder: Path) -> None:
        series(folder)
        other = image(1)
        other.SOPInstanceUID, other.PixelData = uid("twin"), pixels(9).tobytes()
        for keyword, value in values.items():
            setattr(other, keyword, value)
        write(other, folder / "twin.dcm")

    return make


def sent_again(folder: Path) -> None:
    """The same instance, its header changed on the way: same UID, same pixels, other bytes."""
    path = series(folder)[1]
    (folder / "again.dcm").write_bytes(put("PatientName", b"Nobody^Real^^")(path.read_bytes()))


def told_apart(**values: tuple[object, object]) -> Make:
    """Two images at each of four places, told apart by attributes; those of the second are 10 slices brighter."""

    def make(folder: Path) -> None:
        for part in (0, 1):
            for k in range(4):
                data_set = image(k, modality="MR" if "EchoTime" in values else "CT")
                data_set.SOPInstanceUID = uid("part", part, k)
                data_set.PixelData = pixels(k + 10 * part).tobytes()
                for keyword, pair in values.items():
                    setattr(data_set, keyword, pair[part])
                write(data_set, folder / f"{part}-{k}.dcm")

    return make


def brighter(seen: Seen) -> str:
    """Each stack is of one part: all of its slices as bright as they should be, or ten slices brighter."""
    import numpy as np

    shift = -1024 if int(seen.voxels.min()) < 500 else 0
    for part in (0, 10):
        expected = np.stack([pixels(k + part).astype(int) + shift for k in range(4)])
        if np.array_equal(seen.voxels, expected):
            return ""
    return f"voxels {seen.voxels[:, 0, 0].tolist()}"


def localizer(data_set: Dataset, k: int) -> None:
    data_set.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    data_set.ImageOrientationPatient = [1, 0, 0, 0, 0, -1] if k < 2 else [0, 1, 0, 0, 0, -1]
    data_set.ImagePositionPatient = [0, 10.0 * k, 0] if k < 2 else [10.0 * k, 0, 0]


def scout_within(folder: Path) -> None:
    """A series whose first image is a coronal scout of another size."""
    series(folder)
    scout = image(7)
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    scout.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    scout.Rows, scout.PixelData = 3, pixels(7, 3, 5).tobytes()
    write(scout, folder / "0.dcm")


def without_meta(data: bytes) -> bytes:
    """Without the SOPInstanceUID of the file meta information, which stands in for one that is lost."""
    return put("MediaStorageSOPInstanceUID", b"")(data)


def turning(count: int) -> Make:
    """Beside a sound series one whose every image lies at an angle of its own."""

    def make(folder: Path) -> None:
        (path,) = series(folder, 1, name="b")
        data = path.read_bytes()
        for k in range(count):
            c, s = math.cos(2 * math.pi * k / count), math.sin(2 * math.pi * k / count)
            turned = put("ImageOrientationPatient", f"{c:.8f}\\{s:.8f}\\0\\0\\0\\-1".encode())
            (folder / f"b-{k}.dcm").write_bytes(turned(data))
        series(folder)

    return make


def half(**values: object) -> Make:
    return made(setting([2, 3], **values))


def two_sizes(data_set: Dataset, k: int) -> None:
    if k >= 2:
        data_set.Rows, data_set.PixelData = 3, pixels(k)[:3].tobytes()


def two_spacings(data_set: Dataset, k: int) -> None:
    if k >= 2:
        data_set.PixelSpacing = [0.4, 0.35]


def alternating(keyword: str, *values: str) -> Change:
    def change(data_set: Dataset, k: int) -> None:
        setattr(data_set, keyword, values[k % len(values)])

    return change


def beside(change: Change) -> Make:
    """A sound series, and another one that is changed."""

    def make(folder: Path) -> None:
        series(folder)
        series(folder, change=change, name="b")

    return make


ROWS: tuple[BadInput, ...] = (
    BadInput(
        "copies of files",
        "warn",
        {"beside": copies, "elsewhere": copies_elsewhere, "links": links_to_copies},
        "duplicate images? dropped",
        ".dcm",
        FOUR,
    ),
    BadInput(
        "an image that was sent twice",
        "warn",
        {"its header changed": sent_again},
        "duplicate|a-1.dcm",
        "again.dcm",
        FOUR,
    ),
    BadInput(
        "two images at one place",
        "refuse",
        {"nothing tells them apart": twin(), "one of them": twin(InstanceNumber=2)},
        "ImagePositionPatient",
        "twin.dcm",
    ),
    BadInput(
        "two stacks at one place",
        "warn",
        {
            "phases": told_apart(AcquisitionNumber=(1, 2)),
            "times": told_apart(TemporalPositionIdentifier=(1, 2)),
            "echoes": told_apart(EchoTime=(30, 90)),
            "kernels": told_apart(ConvolutionKernel=("B31f", "B70f")),
            "descriptions": told_apart(SeriesDescription=("{}", "%s")),
            "tube voltages": told_apart(KVP=("80", "140")),
        },
        "AcquisitionNumber|TemporalPositionIdentifier|EchoTime|ConvolutionKernel|SeriesDescription|KVP",
        ".dcm",
        FOUR * 2,
        brighter,
    ),
    BadInput(
        "two patients in a series",
        "refuse",
        {
            "in turns": made(alternating("PatientID", "P1", "P2")),
            "one image": settings(2, PatientID="P2", PatientName="Some^One"),
            "by name": made(
                lambda data_set, k: setattr(data_set, "PatientName", f"N{k % 2}") or setattr(data_set, "PatientID", "")
            ),
        },
        "(PatientID|PatientName) differs",
        "a-0.dcm",
    ),
    BadInput(
        "two patients in a series, beside a sound one",
        "skip",
        {"in turns": beside(alternating("PatientID", "P1", "P2"))},
        "PatientID differs",
        "b-0.dcm",
        FOUR,
    ),
    BadInput(
        "a series that falls apart into very many stacks",
        "skip",
        {"orientations": turning(3000)},
        "falls apart into more than 1000 stacks",
        "b-0.dcm",
        FOUR,
    ),
    BadInput(
        "two patients in a folder",
        "load",
        {"a series each": beside(setting(PatientID="P2", StudyInstanceUID=uid("another study")))},
        stacks=FOUR * 2,
    ),
    BadInput("one patient, two spellings", "load", {"": made(alternating("PatientName", "A^B", "A^b"))}, stacks=FOUR),
    BadInput(
        "planes, sizes, spacings or scouts in one series",
        "warn",
        {
            "localizer of two planes": made(localizer),
            "a scout within": scout_within,
            "two sizes": made(two_sizes),
            "two spacings": made(two_spacings),
            "two frames of reference": half(FrameOfReferenceUID="1.2.3"),
            "two studies": half(StudyInstanceUID="1.2.3"),
            "CT and MR": half(Modality="MR", SOPClassUID="1.2.840.10008.5.1.4.1.1.4"),
            "MONOCHROME1 and 2": half(PhotometricInterpretation="MONOCHROME1"),
        },
        "one DICOM series holds 2 stacks that differ in",
        ".dcm",
        None,
        any_voxels,
    ),
    BadInput(
        "UIDs that repeat or lack",
        "warn",
        {
            "one SOPInstanceUID for all": settings(None, SOPInstanceUID="1.2.3"),
            "no SOPInstanceUID": edited(lambda data: put("SOPInstanceUID", b"")(without_meta(data)), only=None),
            "no SeriesInstanceUID": settings(None, SeriesInstanceUID=None),
            "empty SeriesInstanceUID": settings(None, SeriesInstanceUID=""),
            "no FrameOfReferenceUID": settings(None, FrameOfReferenceUID=None),
        },
        "SOPInstanceUID|SeriesInstanceUID|FrameOfReferenceUID",
        ".dcm",
        FOUR,
    ),
    BadInput(
        "one image of another kind in a series",
        "skip",
        {
            "a report": settings(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR"),
            "a segmentation": settings(SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4", Modality="SEG"),
            "ultrasound": settings(SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", Modality="US"),
            "a class of its own": settings(SOPClassUID="1.2.3.4.5", Modality="XX"),
            "a class that is a path": edited(put("SOPClassUID", b"../../../etc")),
        },
        "",
        "a-1.dcm",
        THREE,
    ),
)
