"""Files made by other programs than Callout, to show that the readers here read: one writer a format.

highdicom writes LABELMAP and SR, plastimatch RTSTRUCT, SimpleITK NIfTI, pynrrd NRRD, dcmqi SEG.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
from interop.child import run
from interop.measurements import volume
from interop.structures import reference
from interop.truth import Truth

Write = Callable[[Truth, Path], Path]


def _headers(truth: Truth) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(one.path) for one in truth.series.instances]


def label_values(truth: Truth) -> np.ndarray:
    """(k, j, i) of the regions' numbers."""
    labels = np.zeros(truth.series.grid.shape, np.uint8)
    for region in truth.regions:
        labels[region.mask] = region.number
    return labels


def _segmentation(truth: Truth, path: Path, kind: str) -> Path:
    import highdicom as hd

    code = hd.sr.CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")
    segments = [
        hd.seg.SegmentDescription(r.number, r.name, code, code, "MANUAL", tracking_uid=r.tracking_uid, tracking_id="x")
        for r in truth.regions
    ]
    images = _headers(truth)
    for image, origin in zip(images, truth.origins, strict=True):
        image.ImagePositionPatient = [round(float(mm), 6) for mm in origin]
    uids = [hd.UID() for _ in range(2)]
    made = hd.seg.Segmentation(
        images, label_values(truth), kind, segments, uids[0], 1, uids[1], 1, "Made", "Made", "1", "1"
    )
    made.save_as(path)
    return path


def seg(truth: Truth, folder: Path) -> Path:
    return _segmentation(truth, folder / "a.seg.dcm", "BINARY")


def labelmap(truth: Truth, folder: Path) -> Path:
    return _segmentation(truth, folder / "a.labelmap.dcm", "LABELMAP")


def nifti(truth: Truth, folder: Path) -> Path:
    import SimpleITK as sitk

    image = reference(truth)
    filled = sitk.GetImageFromArray(label_values(truth)[:: _way(truth)])
    filled.CopyInformation(image)
    sitk.WriteImage(filled, str(folder / "a.mask.nii.gz"))
    return folder / "a.mask.nii.gz"


def nrrd(truth: Truth, folder: Path) -> Path:
    import nrrd

    header = {
        "space": "left-posterior-superior",
        "space directions": np.stack([truth.across, truth.down, truth.origins[1] - truth.origins[0]]),
        "space origin": truth.origins[0],
        "kinds": ["domain"] * 3,
        "encoding": "gzip",
    }
    for n, region in enumerate(truth.regions):
        header |= {
            f"Segment{n}_ID": f"Segment_{n + 1}",
            f"Segment{n}_Name": region.name,
            f"Segment{n}_LabelValue": str(region.number),
            f"Segment{n}_Layer": "0",
            f"Segment{n}_Extent": " ".join(f"0 {size - 1}" for size in region.mask.shape[::-1]),
        }
    nrrd.write(str(folder / "a.seg.nrrd"), label_values(truth).transpose(2, 1, 0), header, compression_level=1)
    return folder / "a.seg.nrrd"


def rtstruct(truth: Truth, folder: Path) -> Path:
    """plastimatch's file; in it each run of pixels in a row becomes a rectangle around them, so holes stay holes."""
    import SimpleITK as sitk

    bits = np.zeros(truth.series.grid.shape, np.uint32)
    for region in truth.regions:
        bits[region.mask] |= np.uint32(1 << region.number)
    image = sitk.GetImageFromArray(bits[:: _way(truth)])
    image.CopyInformation(reference(truth))
    sitk.WriteImage(image, str(folder / "bits.nrrd"))
    names = [f"{r.number}|255 0 0|{r.name}\n" for r in truth.regions]
    (folder / "bits.txt").write_text("".join(names))
    inputs = ["--input-ss-img", folder / "bits.nrrd", "--input-ss-list", folder / "bits.txt"]
    images = Path(truth.series.instances[0].path).parent
    run(["plastimatch", "convert", *inputs, "--input", images, "--output-dicom", folder / "out"])
    [made] = [path for path in (folder / "out").iterdir() if pydicom.dcmread(path).Modality == "RTSTRUCT"]
    dataset = pydicom.dcmread(made)
    for n, region in enumerate(truth.regions):  # it numbers from 0
        dataset.StructureSetROISequence[n].ROINumber = region.number
        item = dataset.ROIContourSequence[n]
        item.ReferencedROINumber = dataset.RTROIObservationsSequence[n].ReferencedROINumber = region.number
        item.ContourSequence = [
            _rectangle(truth, k, *run_) for k, plane in enumerate(region.mask) for run_ in _runs(plane)
        ]
    dataset.save_as(made)
    return made


def _runs(plane: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """(row, first column, one beyond the last) of every run of pixels."""
    for j, line in enumerate(plane):
        ends = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        for first, last in ends.reshape(-1, 2):
            yield j, int(first), int(last)


def _rectangle(truth: Truth, k: int, j: int, first: int, last: int) -> pydicom.Dataset:
    corners = np.array([(j - 0.5, first - 0.5), (j - 0.5, last - 0.5), (j + 0.5, last - 0.5), (j + 0.5, first - 0.5)])
    points = truth.origins[k] + corners[:, :1] * truth.down + corners[:, 1:] * truth.across
    contour = pydicom.Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 4
    contour.ContourData = [round(float(mm), 6) for mm in points.ravel()]
    return contour


def sr(truth: Truth, folder: Path) -> Path:
    """highdicom's TID 1500 with one group a region."""
    import highdicom as hd
    from highdicom.sr import CodedConcept
    from pydicom.sr.codedict import codes

    segmentation = pydicom.dcmread(seg(truth, folder))
    person = hd.sr.PersonObserverIdentifyingAttributes(name="Reader^One")
    observer = hd.sr.ObserverContext(codes.DCM.Person, person)
    groups = [
        hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(hd.UID(r.tracking_uid), r.name),
            referenced_segment=hd.sr.ReferencedSegment.from_segmentation(segmentation, r.number),
            finding_type=CodedConcept("52988006", "SCT", "Lesion"),
            measurements=[hd.sr.Measurement(codes.SCT.Volume, round(volume(truth, r), 4), codes.UCUM.CubicMillimeter)],
        )
        for r in truth.regions
    ]
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=CodedConcept("77477000", "SCT", "Computed tomography"),
        imaging_measurements=groups,
    )
    evidence = [*_headers(truth), segmentation]
    made = hd.sr.Comprehensive3DSR(evidence, report, hd.UID(), 1, hd.UID(), 1, "Made")
    made.save_as(folder / "a.sr.dcm")
    return folder / "a.sr.dcm"


def _rows(truth: Truth) -> list[dict[str, object]]:
    return [
        {"series_id": truth.series.id, "number": r.number, "name": r.name, "volume_mm3": volume(truth, r)}
        for r in truth.regions
    ]


def csv_file(truth: Truth, folder: Path) -> Path:
    with (folder / "measurements.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["series_id", "number", "name", "volume_mm3"])
        table.writeheader()
        table.writerows(_rows(truth))
    return folder / "measurements.csv"


def json_file(truth: Truth, folder: Path) -> Path:
    (folder / "measurements.json").write_text(json.dumps({"regions": _rows(truth)}))
    return folder / "measurements.json"


def _way(truth: Truth) -> int:
    """1 where slices go along the normal, −1 where against it."""
    return 1 if (truth.origins[-1] - truth.origins[0]) @ truth.normal >= 0 else -1


WRITERS: dict[str, Write] = {
    "seg": seg,
    "labelmap": labelmap,
    "rtstruct": rtstruct,
    "sr": sr,
    "nifti": nifti,
    "nrrd": nrrd,
    "csv": csv_file,
    "json": json_file,
}
