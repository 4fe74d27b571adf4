"""DICOM segmentations beside highdicom, which is given headers and arrays that are in memory already."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import highdicom
import made_series
import numpy as np
import pydicom
from bench.table import Row, in_turns, timed
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

import callout
from callout.case import Finding, Region
from callout.case.contents import Contents
from callout.exports import labelmap, seg
from callout.exports.formats import Outgoing
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.masks import Mask

SLICES, SIZE, REGIONS, ROUNDS = 300, 512, 10, 3
NO_CASE: Any = None  # what is written per series asks for no more than its stack


def rows(folder: Path) -> Iterator[Row]:
    """Ten segments on each of 300 slices of 512 × 512: written, read back, and the memory that it takes."""
    images = _images(folder / "images")
    for overlapping, name in ((False, "SEG"), (True, "SEG, overlapping")):
        outgoing = Outgoing(_no_case(), (_stack(folder / "images", overlapping),))
        theirs = _array(outgoing.stack, overlapping)
        ours, beside = in_turns(
            partial(seg.write, outgoing, folder),
            partial(_highdicom, folder / "theirs.dcm", images, theirs, "BINARY"),
            rounds=ROUNDS,
        )
        yield Row(f"{name}, written", ours / 1000, "s", 1.3 * beside / 1000, beside / 1000, "s, highdicom")
        del theirs
        (written,) = seg.write(outgoing, folder)
        reading = timed(partial(seg.check, folder / written.name, written.holds)).wall
        yield Row(f"{name}, read back and compared", reading / 1000, "s")
    outgoing = Outgoing(_no_case(), (_stack(folder / "images", overlapping=False),))
    theirs = _array(outgoing.stack, overlapping=False)
    ours, beside = in_turns(
        partial(labelmap.write, outgoing, folder),
        partial(_highdicom, folder / "theirs.dcm", images, theirs, "LABELMAP"),
        rounds=ROUNDS,
    )
    yield Row("label map, written", ours / 1000, "s", 1.3 * beside / 1000, beside / 1000, "s, highdicom")
    command = [sys.executable, "-c", f"from bench.segmentations import peak; peak({str(folder)!r})"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    yield Row("memory of masks alone", float(said[0]), "MB")
    yield Row("memory to write and read back, overlapping", float(said[1]), "MB", 500)


def peak(folder: str) -> None:
    """Prints the most memory so far, MB: with the masks, and after they were written and read back."""
    from peak import peak_megabytes

    outgoing = Outgoing(_no_case(), (_stack(Path(folder, "images"), overlapping=True),))
    print(peak_megabytes())
    (written,) = seg.write(outgoing, Path(folder))
    if seg.check(Path(folder, written.name), written.holds):
        raise RuntimeError("it did not read back as written")
    print(peak_megabytes())


def _no_case() -> Contents:
    case: Contents = NO_CASE
    return case


def _stack(images: Path, overlapping: bool) -> LabelledStack:
    """Discs on all slices, in two rows; where they overlap, each reaches into the next."""
    (series,) = callout.find_series(images)
    radius = 60 if overlapping else 45
    axis = np.arange(2 * radius + 1) - radius
    disc = axis[:, None] ** 2 + axis**2 <= radius**2
    regions = []
    for n in range(REGIONS):
        low = 0, 100 + 200 * (n // 5) - radius, 70 + 93 * (n % 5) - radius
        mask = Mask(series.grid.shape, low, np.repeat(disc[None], SLICES, axis=0))
        finding = Finding(f"f{n}", "nodule", "r1", f"2.25.{n + 1}", name=f"nodule {n}")
        regions.append(
            LabelledRegion(
                n + 1, finding, Region(f"r{n}", f"f{n}", series.id), mask, "MANUAL", "", "2026-01-01T00:00:00.000+00:00"
            )
        )
    return LabelledStack(series, tuple(regions))


def _array(stack: LabelledStack, overlapping: bool) -> Any:
    if not overlapping:
        labels = np.zeros(stack.series.grid.shape, np.uint8)
        for one in stack.regions:
            labels[one.mask.box][one.mask.crop] = one.number
        return labels
    return np.stack([one.mask.array() for one in stack.regions], axis=-1).astype(np.uint8)


def _images(folder: Path) -> list[Dataset]:
    """The headers of a series of that size."""

    def larger(data_set: Dataset, k: int) -> None:
        data_set.Rows = data_set.Columns = SIZE
        data_set.PixelData = bytes(2 * SIZE * SIZE)
        data_set.PatientSex, data_set.PatientBirthDate, data_set.StudyID, data_set.AccessionNumber = "O", "", "1", ""

    paths = made_series.series(folder, SLICES, larger)
    return [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]


def _highdicom(path: Path, images: list[Dataset], pixels: Any, kind: str) -> None:
    segments = [
        highdicom.seg.SegmentDescription(
            segment_number=n,
            segment_label=f"nodule {n}",
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Nodule,
            algorithm_type="MANUAL",
            tracking_uid=f"2.25.{n}",
            tracking_id=f"nodule {n}",
        )
        for n in range(1, REGIONS + 1)
    ]
    made = highdicom.seg.Segmentation(
        source_images=images,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=segments,
        series_instance_uid=made_series.uid("seg series"),
        series_number=1,
        sop_instance_uid=made_series.uid("seg"),
        instance_number=1,
        manufacturer="a",
        manufacturer_model_name="b",
        software_versions="c",
        device_serial_number="d",
    )
    made.save_as(path)
