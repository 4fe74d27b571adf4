"""NRRD: masks in, with 3D Slicer's segment keys (`.seg.nrrd`), and volumes out. https://teem.sourceforge.net/nrrd"""

from __future__ import annotations

import bz2
import io
import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from callout.case import Finding
from callout.errors import InputError
from callout.exports.coding import BODY, SIDES, as_published, category_of, concept_of, place_of, side_of
from callout.exports.expected import differences, expected
from callout.exports.files import pack, series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledStack
from callout.exports.loaded import LARGEST_VOXELS, LoadedFile, LoadedMask, masks_by_label, reading
from callout.exports.nifti import REVERSED_AXES, affine_of, masks_of_labels
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import Code, code_of, concept, find_concept
from callout.volume import Series

PER: Literal["series", "case"] = "series"
Term = tuple[str, str, str]  # scheme, value and meaning of a code
_TYPES = {"float32": "float", "float64": "double", "bool": "uint8"}
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
    _write(path, voxels.dtype, _axes(grid, thickness_mm), voxels)


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.seg.nrrd` with Slicer's keys; regions that overlap are in several layers, a list as the fastest axis."""
    stack = outgoing.stack
    grid, name = stack.series.grid, f"{series_slug(stack.series)}.seg.nrrd"
    if not grid.is_even:
        raise InputError("NRRD can't hold a series with uneven slices", stack.series.title, "export it as seg")
    axes = _axes(grid, stack.series.slice_thickness_mm)
    if stack.overlaps:
        directions = ["none", *axes["space directions"].split(" ")]
        axes |= {
            "dimension": "4",
            "sizes": f"{len(stack.layers)} {axes['sizes']}",
            "space directions": " ".join(directions),
            "kinds": f"list {axes['kinds']}",
        }
    kind = np.dtype(np.uint8 if len(stack.regions) < 256 else np.uint16)
    _write(folder / name, kind, axes, stack.label_planes(stack.layers, kind), _segment_keys(stack))
    return [Written(name, expected(stack))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with pynrrd (our own writer wrote it)."""
    held = read(path, ())
    return differences(held.masks, holds) + list(held.left_out)


def _axes(grid: Grid, thickness_mm: float | None) -> dict[str, str]:
    """The fields that place an array with axes (i, j, k) in the patient, LPS."""
    affine = affine_of(grid, thickness_mm) @ REVERSED_AXES
    return {
        "dimension": "3",
        "space": "left-posterior-superior",
        "sizes": " ".join(str(n) for n in reversed(grid.shape)),
        "space directions": " ".join(_vector(affine[:3, axis]) for axis in range(3)),
        "kinds": "domain domain domain",
        "space origin": _vector(affine[:3, 3]),
    }


def _vector(values: npt.NDArray[np.float64]) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"


def _write(
    path: Path,
    kind: np.dtype[Any],
    axes: Mapping[str, str],
    planes: Iterable[npt.NDArray[Any] | None],
    keys: Mapping[str, str] | None = None,
) -> None:
    """A .nrrd of `planes`, packed one after the other; the same bytes every time.

    pynrrd writes the hour into the file, takes the letters beyond ASCII out of names, and needs the whole array.
    """
    fields = {"type": _TYPES.get(kind.name, kind.name), **axes, "encoding": "gzip", "endian": "little"}
    lines = ["NRRD0005", *(f"{name}: {value}" for name, value in fields.items())]
    lines += [f"{name}:={_escaped(value)}" for name, value in (keys or {}).items()]
    with path.open("wb") as file:
        file.write(("\n".join(lines) + "\n\n").encode())
        *_, last = axes["sizes"].split()
        voxels = math.prod(map(int, axes["sizes"].split())) // int(last)
        pack(file, b"", planes, kind, voxels * kind.itemsize)


def _escaped(text: str) -> str:
    """A value of a key, on one line."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split()).replace("\\", "\\\\")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: " " if match[1] == "n" else match[1], text)


def _segment_keys(stack: LabelledStack) -> dict[str, str]:
    """3D Slicer's keys of a segmentation, and each finding's side and tracking UID among its tags."""
    keys = {
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_MasterRepresentation": "Binary labelmap",
        "Segmentation_SourceRepresentation": "Binary labelmap",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    layer_of = {one.number: n for n, layer in enumerate(stack.layers) for one in layer}
    for one in stack.regions:
        (k, j, i), (k1, j1, i1) = one.mask.trimmed().low, one.mask.trimmed().high
        rgb = bytes.fromhex(concept(one.finding.concept).colour[1:])
        own = {
            "ID": f"Segment_{one.number}",
            "Name": one.finding.label,
            "NameAutoGenerated": "0",
            "Color": " ".join(f"{part / 255:.6g}" for part in rgb),
            "ColorAutoGenerated": "0",
            "Extent": f"{i} {i1 - 1} {j} {j1 - 1} {k} {k1 - 1}",
            "LabelValue": str(one.number),
            "Layer": str(layer_of[one.number]),
            "Tags": _tags(one.finding),
        }
        keys |= {f"Segment{one.number - 1}_{name}": value for name, value in own.items()}
    return keys


def _tags(finding: Finding) -> str:
    """Slicer's terminology entry (category, type, modifier, region, side), then tags of our own."""
    side = SIDES.get(finding.laterality or "")
    codes = [category_of(finding.concept), code_of(concept(finding.concept)), None]
    where = [place_of(finding) if side or finding.site else None, side]
    parts = [
        "Segmentation category and type - DICOM master list",
        *map(_term, codes),
        "Anatomic codes - DICOM master list",
        *map(_term, where),
    ]
    tags = {"TerminologyEntry": "~".join(parts), "Callout.TrackingUID": finding.tracking_uid}
    return "".join(f"{name}:{value}|" for name, value in tags.items())


def _term(code: Code | None) -> str:
    """A code in Slicer's terminology entry, whose delimiters its meaning can't have."""
    return f"{code.scheme}^{code.value}^{re.sub('[~^|]', ' ', code.meaning)}" if code else "^^"


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every segment of a `.seg.nrrd`, or every label of a plain mask; labels that no segment describes are told."""
    with reading(path, "not a NRRD mask that can be read", "save it again as .seg.nrrd"):
        header, array = _header_and_voxels(path)
        directions = np.asarray(header["space directions"], np.float64)
        layers = array[..., None] if array.ndim == 3 else _layers_last(array, directions)
        affine = np.eye(4)
        affine[:3, :3] = directions[~np.isnan(directions).any(axis=1)].T
        affine[:3, 3] = np.asarray(header["space origin"], np.float64)
        units = {str(unit).strip('" ') for unit in header.get("space units", [])} - {"mm", "nan", "none", "???", ""}
        if units:
            raise InputError(f"its lengths are in {', '.join(sorted(units))} (space units)", remedy="save it in mm")
        signs = TO_LPS[str(header["space"]).lower()]
        grid = Grid.from_affine(np.diag([*signs, 1]) @ affine @ REVERSED_AXES, layers.shape[:3])
        header |= _segment_keys_of(path)
        segments = sorted({int(n) for n in re.findall(r"Segment(\d+)_Name\b", "\n".join(map(str, header)))})
        if not segments:
            return LoadedFile.of(masks_of_labels(layers[..., 0], grid, path))
        by_layer = [masks_by_label(layers[..., layer]) for layer in range(layers.shape[3])]
        places = [_place_in(header, number, by_layer) for number in segments]
        found = [(layer, value) for layer, masks in enumerate(by_layer) for value in masks]
        left = [f"label {value}: no segment describes it" for layer, value in found if (layer, value) not in places]
        return LoadedFile.of(
            [
                _segment(header, number, by_layer[layer].get(value, Mask.empty(grid.shape)), grid)
                for number, (layer, value) in zip(segments, places, strict=True)
            ],
            left,
        )


def _segment_keys_of(path: Path) -> dict[str, str]:
    """The keys of segments as they are written, UTF-8: pynrrd leaves out letters beyond ASCII."""
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(1 << 20).rstrip(b"\r\n"), b"")
        pairs = [line.decode("utf-8", "replace").partition(":=") for line in lines if line.startswith(b"Segment")]
    return {name: _unescaped(value.strip()) for name, sign, value in pairs if sign}


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


def _place_in(header: Mapping[str, Any], number: int, by_layer: Sequence[Mapping[int, Mask]]) -> tuple[int, int]:
    """The layer of a segment, and its value there."""
    own_layer = len(by_layer) > 1  # Slicer before 4.11 gave each segment a layer of its own, and told neither
    layer = int(header.get(f"Segment{number}_Layer", number if own_layer else 0))
    if not 0 <= layer < len(by_layer):
        raise InputError(f"segment {number} says layer {layer}, and there are {len(by_layer)}")
    return layer, int(header.get(f"Segment{number}_LabelValue", 1 if own_layer else number + 1))


def _segment(header: Mapping[str, Any], number: int, mask: Mask, grid: Grid) -> LoadedMask:
    name = str(header.get(f"Segment{number}_Name", f"segment {number}"))
    tags = str(header.get(f"Segment{number}_Tags", ""))
    category, kind, modifier, region, region_modifier = _terms(tags)
    uid = re.search(r"\bCallout\.TrackingUID:([0-9.]{1,64})(?:\||$)", tags)
    by_code = concept_of(kind[:2])
    found = by_code if by_code and by_code.name != "lesion" else find_concept(name) or by_code
    side = _side(region_modifier)
    return LoadedMask(
        number=number + 1,
        name=name,
        mask=mask,
        grid=grid,
        concept=found.name if found else None,
        code=kind[:2] if kind[1] else None,
        category=category[:2],
        laterality=side or _side(modifier) or side_of(name),
        site=(region[2].strip() or None) if region[1] != BODY.value else None,
        place=(*region[:2], side or ""),
        tracking_uid=uid[1] if uid else None,
    )


def _terms(tags: str) -> list[Term]:
    """Category, type, modifier, region and its modifier of Slicer's terminology entry, "" for what it doesn't say."""
    entry = re.search(r"TerminologyEntry:([^|]*)", tags)
    parts = (entry[1] if entry else "").split("~")
    scheme_value_meaning = [[*part.split("^"), "", ""] for part in [*parts, *[""] * 7]]
    return [(term[0], term[1], term[2]) for n, term in enumerate(scheme_value_meaning[:7]) if n not in (0, 4)]


def _side(term: Term) -> str | None:
    code = as_published(term[0], term[1], SIDES.values())
    return next((name for name, side in SIDES.items() if side == code), None)
