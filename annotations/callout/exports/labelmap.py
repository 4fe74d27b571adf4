"""DICOM Label Map Segmentation (PS3.3 A.91): one frame a slice, whose values are segment numbers; 0 is background."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np

from callout.errors import InputError
from callout.exports.dicom_file import save
from callout.exports.expected import expected
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import reading
from callout.exports.seg import check, read
from callout.exports.segmentation import segmentation, set_pixels
from callout.exports.source_header import left_empty

__all__ = ["PER", "check", "read", "write"]

PER: Literal["series", "case"] = "series"


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.labelmap.dcm`. InputError where regions overlap, naming two, or the images lack what it has to say."""
    stack = outgoing.stack
    if stack.overlaps:
        first, second = _two_that_overlap(stack)
        what = f"regions overlap: {first.number} {first.finding.label} and {second.number} {second.finding.label}"
        raise InputError(what, stack.series.title, "export it as seg")
    name = f"{series_slug(stack.series)}.labelmap.dcm"
    with reading(stack.series.instances[0].path, "no label map can be made of these images", "export as nifti"):
        slices = sorted({k for one in stack.regions for k in one.mask.slices()})
        dataset = segmentation(stack, "LABELMAP", [(0, k) for k in slices])
        set_pixels(dataset, _values(stack, slices, f"<u{dataset.BitsAllocated // 8}"))
        save(dataset, folder / name, outgoing.compression, stack.edited)
    return [Written(name, expected(stack), left_empty(stack.series.instances[0]))]


def _values(stack: LabelledStack, slices: list[int], kind: str) -> BytesIO:
    values = BytesIO()
    for k in slices:
        plane = np.zeros(stack.series.grid.shape[1:], kind)
        for one in stack.regions:
            if one.mask.low[0] <= k < one.mask.high[0]:
                plane[one.mask.box[1:]][one.mask.crop[k - one.mask.low[0]]] = one.number
        values.write(plane.data)
    return values


def _two_that_overlap(stack: LabelledStack) -> tuple[LabelledRegion, LabelledRegion]:
    return next((a, b) for a, b in combinations(stack.regions, 2) if a.mask.overlaps(b.mask))
