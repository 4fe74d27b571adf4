"""DICOM Segmentation, BINARY (PS3.3 A.51): each frame the bits of one segment on one slice, frames without any omitted.

Written with highdicom's headers and our own bits, read by `segmentation_reading`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np

from callout.exports.dicom_file import save
from callout.exports.expected import expected
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledStack
from callout.exports.loaded import LoadedFile, reading
from callout.exports.segmentation import Frame, segmentation, set_pixels
from callout.exports.segmentation_reading import HALF, check_segmentation, read_segmentation
from callout.exports.source_header import left_empty
from callout.volume import Series

PER: Literal["series", "case"] = "series"


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.seg.dcm`; asked for as `rle` it stays plain, and says so: hardly a reader takes single bits as RLE.

    InputError where the images lack what every segmentation has to say of them.
    """
    stack = outgoing.stack
    name = f"{series_slug(stack.series)}.seg.dcm"
    what, remedy = "no segmentation can be made of these images", "export as nifti"
    with reading(stack.series.instances[0].path, what, remedy):  # its warnings tell what the images had wrong already
        frames = [(one.number, k) for one in stack.regions for k in one.mask.slices()]
        dataset = segmentation(stack, "BINARY", frames)
        set_pixels(dataset, _packed(stack, frames))
        save(dataset, folder / name, outgoing.compression, stack.edited)
    plain = ("its single bits stay plain: few programs read them as RLE",) if outgoing.compression == "rle" else ()
    return [Written(name, expected(stack), (*plain, *left_empty(stack.series.instances[0])))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with other code than wrote it."""
    return check_segmentation(path, holds)


def read(path: Path, series: Sequence[Series], threshold: float = HALF) -> LoadedFile:
    """Every segment of one of any kind; of a FRACTIONAL one the voxels from `threshold` of its largest value on."""
    return read_segmentation(path, series, threshold)


def _packed(stack: LabelledStack, frames: Sequence[Frame]) -> BytesIO:
    """The frames' bits, the first pixel in the lowest one, without a gap between frames (PS3.5 8.1.1)."""
    masks = {one.number: one.mask for one in stack.regions}
    packed, rest = BytesIO(), np.zeros(0, bool)
    for number, k in frames:
        bits = masks[number].slice(k).reshape(-1)
        bits = np.concatenate([rest, bits]) if rest.size else bits
        whole = bits.size - bits.size % 8
        packed.write(np.packbits(bits[:whole], bitorder="little").data)
        rest = bits[whole:]
    packed.write(np.packbits(rest, bitorder="little").data)
    return packed
