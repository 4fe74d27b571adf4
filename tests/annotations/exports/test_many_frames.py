"""Segmentations of images that share a file: each frame names the frame that it was drawn on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from made_frames import enhanced, legacy, mosaic
from made_series import image, uid, write
from pydicom.dataset import Dataset

import callout


def slices(start: int = 0, modality: str = "CT") -> list[Dataset]:
    images = [image(k, modality=modality) for k in range(4)]
    for k, one in enumerate(images, start):
        one.SOPInstanceUID, one.SpacingBetweenSlices = uid("slice", k), 2.5
        one.AcquisitionNumber = 1 + start // 4
    return images


def some_of_one_frame() -> list[Dataset]:
    images = slices()
    images[1].NumberOfFrames = images[3].NumberOfFrames = 1
    return images


FILES: dict[str, tuple[Callable[[], list[Dataset]], dict[float, tuple[int, int | None]]]] = {
    "enhanced, from top to bottom": (lambda: [enhanced(slices()[::-1])], {2.5: (0, 3), 5.0: (0, 2)}),
    "legacy converted": (lambda: [legacy(slices())], {2.5: (0, 3), 5.0: (0, 2)}),
    "two phases": (lambda: [enhanced(slices() + slices(4))], {2.5: (0, 6), 5.0: (0, 7)}),
    "two files": (lambda: [enhanced(slices()[:2]), enhanced(slices()[2:])], {2.5: (0, 2), 5.0: (1, 1)}),
    "files of one frame, said of some": (some_of_one_frame, {2.5: (1, None), 5.0: (2, None)}),
    "mosaic": (lambda: [mosaic(slices(modality="MR"))], {2.5: (0, None), 5.0: (0, None)}),
}


@pytest.mark.parametrize("name", FILES)
def test_sources_are_named_by_file_and_frame(name: str, tmp_path: Path) -> None:
    made, expected = FILES[name]
    files = made()
    for number, one in enumerate(files):
        write(one, tmp_path / "images" / f"{number}.dcm")
    with callout.create_case(tmp_path / "a.callout", images=[tmp_path / "images"], reader="r") as case:
        series = case.series[-1]
        region = case.add_region(case.add_finding("cavity"), series.id)
        for k in (1, 2):
            case.paint(region, k, np.eye(*series.grid.shape[1:], dtype=bool))
        callout.export(case, tmp_path / "out", to=["seg"])
    (path,) = (tmp_path / "out").glob("*.seg.dcm")
    written = pydicom.dcmread(path)
    found = {}
    for group in written.PerFrameFunctionalGroupsSequence:
        (source,) = group.DerivationImageSequence[0].SourceImageSequence
        number = [one.SOPInstanceUID for one in files].index(source.ReferencedSOPInstanceUID)
        assert source.ReferencedSOPClassUID == files[number].SOPClassUID
        height = float(group.PlanePositionSequence[0].ImagePositionPatient[2])
        found[height] = number, source.get("ReferencedFrameNumber")
    assert found == expected
    (referenced,) = written.ReferencedSeriesSequence
    uids = [item.ReferencedSOPInstanceUID for item in referenced.ReferencedInstanceSequence]
    assert len(uids) == len(set(uids))
    assert set(uids) <= {one.SOPInstanceUID for one in files}
