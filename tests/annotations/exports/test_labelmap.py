"""Label map segmentations out and in: by our own reader, and by highdicom's."""

from __future__ import annotations

from pathlib import Path

import highdicom
import made_stacks
import numpy as np
import pydicom
import pytest
from made_stacks import SHAPE, box

import callout
from callout.errors import InputError
from callout.exports import import_masks, verify
from callout.exports.formats import COMPRESSIONS, Compression

MASKS = box((1, 3), (0, 3), (0, 3)), box((2, 5), (3, 6), (2, 5)), box((0, 1), (0, 1), (0, 1))


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("scan", ["oblique", "uneven"])
def test_what_goes_out_is_read_the_same(tmp_path: Path, scan: str, compression: Compression) -> None:
    with made_stacks.case(tmp_path, scan) as case, made_stacks.copy_of(case.path, tmp_path) as other:
        made_stacks.draw(case, *MASKS)
        out = callout.export(case, tmp_path / "out", to=["labelmap"], compression=compression)
        assert verify(tmp_path / "out") == []
        made = import_masks(other, out.files[0]).made
        for (finding, region), mask, drawn in zip(made, MASKS, case.findings, strict=True):
            assert np.array_equal(other.mask(region), mask)
            assert (finding.concept, finding.laterality) == (drawn.concept, drawn.laterality)
            assert finding.tracking_uid == drawn.tracking_uid
    read = highdicom.seg.segread(out.files[0])
    labels = np.zeros(SHAPE, np.uint8)
    for n, mask in enumerate(MASKS, 1):
        labels[mask] = n
    instances = case.series[0].instances
    pixels = read.get_pixels_by_source_instance(
        [one.sop_instance_uid for one in instances], combine_segments=True, assert_missing_frames_are_empty=True
    )
    assert np.array_equal(pixels, labels)


def test_more_regions_than_a_byte_counts(tmp_path: Path) -> None:
    order = np.random.default_rng(5).permutation(np.prod(SHAPE))
    with made_stacks.case(tmp_path) as case:
        with case.one_edit("many"):
            for n in range(149):
                mask = np.zeros(SHAPE, bool)
                mask.flat[order[n]] = True
                made_stacks.draw(case, mask, names=["nodule"])
        for compression in COMPRESSIONS:
            callout.export(case, tmp_path / "out", to=["labelmap"], compression=compression)
            assert verify(tmp_path / "out") == []


def test_overlapping_regions_are_refused_by_name_and_left_out_of_all(tmp_path: Path) -> None:
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, box((0, 1), (0, 1), (0, 1)), box((1, 3), (0, 4), (0, 3)), box((2, 5), (2, 6), (1, 5)))
        with pytest.raises(InputError, match="regions overlap: 2 left nodule and 3 right consolidation"):
            callout.export(case, tmp_path / "out", to=["labelmap"])
        assert not (tmp_path / "out").exists()
        said = callout.export(case, tmp_path / "out", to=["all"])
        assert any(what.startswith("labelmap: regions overlap") for what in said.left_out)
        assert not [path for path in said.files if "labelmap" in path.name]


def labelmap(folder: Path) -> tuple[pydicom.Dataset, Path]:
    """The data set of a label map of MASKS, and a case without findings on its series."""
    with made_stacks.case(folder) as case:
        empty = case.path.with_name("empty.callout")
        made_stacks.copy_of(case.path, folder, empty.name).close()
        made_stacks.draw(case, *MASKS)
        path = callout.export(case, folder / "out", to=["labelmap"]).files[0]
    return pydicom.dcmread(path), empty


def test_the_background_is_no_finding_whatever_its_value(tmp_path: Path) -> None:
    """PixelPaddingValue says which value is background, or the code DCM 125040; 0 may be a segment then."""
    data_set, empty = labelmap(tmp_path)
    swap = np.array([5, 0, 2, 3, 4, 1], np.uint8)  # 0 becomes 5, 1 becomes 0
    data_set.PixelData = swap[data_set.pixel_array].tobytes()
    data_set.PixelPaddingValue = 5
    background, first, *_ = data_set.SegmentSequence
    background.SegmentNumber, first.SegmentNumber = 5, 0
    data_set.save_as(tmp_path / "a.dcm")
    with callout.open_case(empty, reader="r") as case:
        came = import_masks(case, tmp_path / "a.dcm")
        assert came.left_out == ()
        masks = {finding.concept: case.mask(region) for finding, region in came.made}
    for name, mask in zip(("cavity", "nodule", "consolidation"), MASKS, strict=True):
        assert np.array_equal(masks[name], mask)


def test_what_is_not_described_is_told(tmp_path: Path) -> None:
    data_set, empty = labelmap(tmp_path)
    del data_set.SegmentSequence[2]
    data_set.save_as(tmp_path / "a.dcm")
    with callout.open_case(empty, reader="r") as case:
        came = import_masks(case, tmp_path / "a.dcm")
    assert [finding.concept for finding, _ in came.made] == ["cavity", "consolidation"]
    assert came.left_out == ("a.dcm: label 2: SegmentSequence doesn't describe it",)
