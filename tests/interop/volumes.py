"""Peers that read NIfTI and NRRD: SimpleITK, nibabel, slicerio, pynrrd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from interop.child import Refused
from interop.truth import Floats, Reading, Truth

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def nibabel(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    import nibabel

    readings: dict[int, Reading] = {}
    for path in paths:
        image = nibabel.load(path)
        readings |= _labels(np.asarray(image.dataobj), RAS @ image.affine)
    return readings


def simple_itk(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """Labels of NIfTI or one-layer NRRD; the layers of others, each its own values."""

    readings: dict[int, Reading] = {}
    for path in paths:
        layers, affine, keys = _itk(path)
        readings |= dict(_segments(keys, layers, affine)) if path.suffix == ".nrrd" else _labels(layers[0], affine)
    return readings


def labels_of(path: Path) -> dict[int, Reading]:
    """Each value of a volume as SimpleITK reads it."""
    [values], affine, _ = _itk(path)
    return _labels(values, affine)


def _itk(path: Path) -> tuple[list[npt.NDArray[Any]], Floats, dict[str, str]]:
    """The layers (i, j, k) of an image, its affine to LPS, and the keys in its header."""
    import SimpleITK as sitk

    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise Refused(str(error).strip().splitlines()[-1]) from error
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    values = sitk.GetArrayFromImage(image)
    layers = [values] if values.ndim == 3 else [values[..., n] for n in range(values.shape[3])]
    keys = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    return [layer.transpose(2, 1, 0) for layer in layers], affine, keys


def pynrrd(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """By Slicer's keys: Segment0_LabelValue, Segment0_Layer, Segment0_Name …"""
    import nrrd

    [path] = paths
    values, header = nrrd.read(str(path), index_order="F")
    affine = np.eye(4)
    directions = np.array(header["space directions"], np.float64)
    affine[:3, :3] = directions[~np.isnan(directions).any(axis=1)].T
    affine[:3, 3] = header["space origin"]
    if header["space"] in ("right-anterior-superior", "RAS"):
        affine = RAS @ affine
    elif header["space"] not in ("left-posterior-superior", "LPS"):
        raise Refused(f"its space is {header['space']}")
    layers = [values] if values.ndim == 3 else [values[n] for n in range(values.shape[0])]
    return {n: _renamed(n, reading, truth) for n, reading in _segments(header, layers, affine)}


def slicerio(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    import slicerio

    [path] = paths
    held = slicerio.read_segmentation(str(path))
    values = held["voxels"]
    affine = np.asarray(held["ijkToLPS"], np.float64)
    readings = {}
    for n, segment in enumerate(held["segments"], 1):
        layer = values if values.ndim == 3 else values[segment.get("layer", 0)]
        mask = layer == segment["labelValue"]
        readings[n] = _renamed(n, Reading.of_volume(mask, affine, segment["name"]), truth)
    return readings


def _renamed(number: int, reading: Reading, truth: Truth) -> Reading:
    """With the name that was meant, where the peer shows what pynrrd leaves of it (slicerio reads with pynrrd)."""
    for region in truth.regions:
        left = region.name.replace("\\", "\\\\").encode("ascii", "ignore").decode().strip()
        if region.number == number and reading.name.strip() == left != region.name:
            return replace(reading, name=region.name, note="drops what is not ASCII, a known fault of its own")
    return reading


def _segments(
    header: Mapping[str, Any], layers: Sequence[npt.NDArray[Any]], affine: Floats
) -> Iterator[tuple[int, Reading]]:
    """The segments that Slicer's keys describe, in their order: the first is region 1."""
    numbers = [int(match[1]) for key in header if (match := re.fullmatch(r"Segment(\d+)_LabelValue", key))]
    if not numbers:
        raise Refused("it has none of Slicer's segment keys")
    for n in sorted(numbers):
        layer = layers[int(header.get(f"Segment{n}_Layer", 0))]
        mask = layer == int(header[f"Segment{n}_LabelValue"])
        yield n + 1, Reading.of_volume(mask, affine, header.get(f"Segment{n}_Name", ""))


def _labels(values: npt.NDArray[Any], affine: Floats) -> dict[int, Reading]:
    return {int(n): Reading.of_volume(values == n, affine) for n in np.unique(values) if n}
