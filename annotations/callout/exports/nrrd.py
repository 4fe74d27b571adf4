"""NRRD: masks in, with 3D Slicer's segment keys (`.seg.nrrd`), and volumes out. https://teem.sourceforge.net/nrrd"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.loaded import LoadedMask
from callout.exports.nifti import LARGEST_VOXELS, REVERSED_AXES, masks_of_labels
from callout.geometry import Grid
from callout.terms import concept_with_code, find_concept

TO_LPS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}


def write_volume(path: Path, voxels: npt.NDArray[Any], grid: Grid) -> None:
    """`voxels` (k, j, i) as a .nrrd with axes (i, j, k) in LPS, on an even `grid`."""
    import nrrd

    affine = grid.affine @ REVERSED_AXES
    header = {
        "space": "left-posterior-superior",
        "space directions": affine[:3, :3].T,
        "space origin": affine[:3, 3],
        "kinds": ["domain", "domain", "domain"],
    }
    nrrd.write(str(path), voxels, header, compression_level=1, index_order="C")


def read(path: Path) -> list[LoadedMask]:
    """Every segment of a `.seg.nrrd`, or every label of a plain mask."""
    import nrrd

    try:
        header = nrrd.read_header(str(path))
        sizes = [int(n) for n in header["sizes"]]
        if np.prod([float(n) for n in sizes]) > LARGEST_VOXELS or len(sizes) not in (3, 4):
            raise InputError(f"a mask has three axes, this has a size of {sizes}", str(path))
        array, _ = nrrd.read(str(path), index_order="C")
        directions = np.asarray(header["space directions"], np.float64)
        origin = np.asarray(header["space origin"], np.float64)
        signs = TO_LPS[str(header["space"]).lower()]
    except (nrrd.NRRDError, OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("not a NRRD mask that can be read", str(path), "save it again as .seg.nrrd") from error
    layers = array[..., None] if array.ndim == 3 else _layers_last(array, directions)
    directions = directions[~np.isnan(directions).any(axis=1)]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = directions.T, origin
    grid = Grid.from_affine(np.diag([*signs, 1]) @ affine @ REVERSED_AXES, layers.shape[:3])
    segments = sorted({int(n) for n in re.findall(r"Segment(\d+)_Name\b", "\n".join(map(str, header)))})
    if not segments:
        return masks_of_labels(layers[..., 0], grid, path)
    return [_segment(header, number, layers, grid, path) for number in segments]


def _layers_last(array: npt.NDArray[Any], directions: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """The layers of overlapping segments, (k, j, i, layer): their axis is the one that has no direction."""
    none = [axis for axis in range(4) if np.isnan(directions[axis]).any()]
    return np.moveaxis(array, 3 - (none[0] if none else 0), -1)


def _segment(header: dict[str, Any], number: int, layers: npt.NDArray[Any], grid: Grid, path: Path) -> LoadedMask:
    def key(name: str, default: str) -> str:
        return str(header.get(f"Segment{number}_{name}", default))

    try:
        layer, value = int(key("Layer", "0")), int(key("LabelValue", str(number + 1)))
        mask = layers[..., layer] == value
    except (ValueError, IndexError) as error:
        raise InputError(f"segment {number} says a layer or label that is not there", str(path)) from error
    name = key("Name", f"segment {number}")
    return LoadedMask(
        number=number + 1,
        name=name,
        mask=mask,
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
