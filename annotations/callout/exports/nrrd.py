"""NRRD: masks in, with 3D Slicer's segment keys (`.seg.nrrd`), and volumes out. https://teem.sourceforge.net/nrrd"""

from __future__ import annotations

import bz2
import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.loaded import LARGEST_VOXELS, LoadedFile, LoadedMask, masks_by_label, reading
from callout.exports.nifti import REVERSED_AXES, affine_of, masks_of_labels
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import concept_with_code, find_concept
from callout.volume import Series

TO_LPS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}


def write_volume(path: Path, voxels: npt.NDArray[Any], grid: Grid, thickness_mm: float | None = None) -> None:
    """`voxels` (k, j, i) as a .nrrd with axes (i, j, k) in LPS, on an even `grid`; thickness as for NIfTI."""
    import nrrd

    affine = affine_of(grid, thickness_mm) @ REVERSED_AXES
    header = {
        "space": "left-posterior-superior",
        "space directions": affine[:3, :3].T,
        "space origin": affine[:3, 3],
        "kinds": ["domain", "domain", "domain"],
    }
    nrrd.write(str(path), voxels, header, compression_level=1, index_order="C")


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every segment of a `.seg.nrrd`, or every label of a plain mask."""
    with reading(path, "not a NRRD mask that can be read", "save it again as .seg.nrrd"):
        header, array = _header_and_voxels(path)
        directions = np.asarray(header["space directions"], np.float64)
        layers = array[..., None] if array.ndim == 3 else _layers_last(array, directions)
        affine = np.eye(4)
        affine[:3, :3] = directions[~np.isnan(directions).any(axis=1)].T
        affine[:3, 3] = np.asarray(header["space origin"], np.float64)
        signs = TO_LPS[str(header["space"]).lower()]
        grid = Grid.from_affine(np.diag([*signs, 1]) @ affine @ REVERSED_AXES, layers.shape[:3])
        segments = sorted({int(n) for n in re.findall(r"Segment(\d+)_Name\b", "\n".join(map(str, header)))})
        if not segments:
            return LoadedFile.of(masks_of_labels(layers[..., 0], grid, path))
        by_layer = [masks_by_label(layers[..., layer]) for layer in range(layers.shape[3])]
        return LoadedFile.of([_segment(header, number, by_layer, grid) for number in segments])


def _header_and_voxels(path: Path) -> tuple[dict[str, Any], npt.NDArray[Any]]:
    """The header, and the voxels in C order: (k, j, i), or (k, j, i, layer) with the layers anywhere."""
    import nrrd

    with path.open("rb") as file:
        header = nrrd.read_header(file)
        sizes = [int(n) for n in header["sizes"]]
        voxels = float(np.prod([float(n) for n in sizes]))
        if len(sizes) not in (3, 4) or min(sizes) < 1:
            raise InputError(f"a mask has three axes, this has a size of {sizes}")
        if voxels > LARGEST_VOXELS:
            raise InputError(f"a mask of {sizes} voxels is too large")
        if "data file" in header or "datafile" in header:
            raise InputError("its voxels are in another file", remedy="save it as one .nrrd file")
        data, encoding = _unpacked(file.read(), str(header["encoding"]).lower(), int(voxels) * 8)
    array = nrrd.read_data(header | {"encoding": encoding}, io.BytesIO(data), index_order="C")
    if encoding == "raw" and len(data) > array.nbytes and not {"byte skip", "byteskip"} & header.keys():
        raise InputError(f"it holds more voxels than its sizes {sizes} say")
    return header, array


def _unpacked(data: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    """At most `limit` bytes of what is packed in `data`, and how they are encoded then."""
    if encoding in ("gzip", "gz"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, limit), "raw"
    if encoding in ("bzip2", "bz2"):
        return bz2.BZ2Decompressor().decompress(data, limit), "raw"
    return data, encoding


def _layers_last(array: npt.NDArray[Any], directions: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """The layers of overlapping segments, (k, j, i, layer): their axis is the one that has no direction."""
    none = [axis for axis in range(4) if np.isnan(directions[axis]).any()]
    return np.moveaxis(array, 3 - (none[0] if none else 0), -1)


def _segment(header: dict[str, Any], number: int, by_layer: list[dict[int, Mask]], grid: Grid) -> LoadedMask:
    def key(name: str, default: str) -> str:
        return str(header.get(f"Segment{number}_{name}", default))

    own_layer = len(by_layer) > 1  # Slicer before 4.11 gave each segment a layer of its own, and told neither
    layer = int(key("Layer", str(number if own_layer else 0)))
    value = int(key("LabelValue", str(1 if own_layer else number + 1)))
    if not 0 <= layer < len(by_layer):
        raise InputError(f"segment {number} says layer {layer}, and there are {len(by_layer)}")
    name = key("Name", f"segment {number}")
    return LoadedMask(
        number=number + 1,
        name=name,
        mask=by_layer[layer].get(value, Mask.empty(grid.shape)),
        grid=grid,
        concept=_concept(name, key("Tags", "")),
        laterality=side_of(name + " " + key("Tags", "")),
    )


def _concept(name: str, tags: str) -> str | None:
    """From the name, else from the type in Slicer's terminology entry, `…^SCHEME^CODE^MEANING`."""
    found = find_concept(name)
    entry = re.search(r"TerminologyEntry:[^~]*~[^~]*~([^~^]*)\^([^~^]*)\^", tags)
    if found is None and entry:
        found = concept_with_code(entry[1], entry[2])
    return found.name if found else None


def side_of(words: str) -> str | None:
    """The side that a name says: left, right, bilateral, or None."""
    found = set(re.findall(r"\b(left|right|bilateral)\b", words.lower()))
    return "bilateral" if len(found) > 1 or "bilateral" in found else (found.pop() if found else None)
