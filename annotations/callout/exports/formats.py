"""The formats masks are written to and read from: one registry, one entry a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from callout.errors import InputError
from callout.exports.labelled import LabelledStack
from callout.exports.loaded import LoadedMask
from callout.volume import Series

# What a file holds when it is read back: for each label or segment number its mask, on the file's own grid.
ReadBack = dict[int, LoadedMask]


@dataclass(frozen=True)
class Format:
    """A format masks are exported to; its module is imported when it is used.

    write(stack, folder, name): the files it made. read_back(path): what they hold, by other code than wrote them.
    note(series): what a user should know of a file on that series, or "".
    """

    name: str
    write: Callable[[LabelledStack, Path, str], list[Path]]
    read_back: Callable[[Path], ReadBack]
    note: Callable[[Series], str]


def _write_seg(stack: LabelledStack, folder: Path, name: str) -> list[Path]:
    from callout.exports import seg

    return seg.write(stack, folder, name)


def _read_seg(path: Path) -> ReadBack:
    from callout.exports import seg

    return {mask.number: mask for mask in seg.read(path)}


def _write_nifti(stack: LabelledStack, folder: Path, name: str) -> list[Path]:
    from callout.exports import nifti

    return nifti.write(stack, folder, name)


def _read_nifti(path: Path) -> ReadBack:
    from callout.exports import nifti

    labels, grid = nifti.read_back(path)
    return {mask.number: mask for mask in nifti.masks_of_labels(labels, grid, path)}


def _note_nifti(series: Series) -> str:
    from callout.exports import nifti

    return nifti.note(series.grid)


FORMATS = {
    "seg": Format("seg", _write_seg, _read_seg, lambda _: ""),
    "nifti": Format("nifti", _write_nifti, _read_nifti, _note_nifti),
}
READERS = {".nii": "nifti", ".nii.gz": "nifti", ".nrrd": "nrrd", ".nhdr": "nrrd", ".dcm": "seg"}


def format_named(name: str) -> Format:
    """The format of that name; InputError naming those there are."""
    if name not in FORMATS:
        raise InputError(f"no such format as {name!r}", remedy=f"choose from {', '.join(FORMATS)} or all")
    return FORMATS[name]


def read_masks(path: Path) -> list[LoadedMask]:
    """Every mask in a NIfTI, NRRD or DICOM SEG file; what a file is, its ending or its first bytes say."""
    if not path.is_file():
        raise InputError("no such file", str(path), "look for the mask")
    suffix = next((ending for ending in READERS if path.name.lower().endswith(ending)), "")
    with path.open("rb") as file:
        is_dicom = file.read(132).endswith(b"DICM")
    kind = "seg" if is_dicom else READERS.get(suffix, "")
    if not kind or (kind == "seg" and not is_dicom):
        raise InputError("not a mask that can be read", str(path), "choose a DICOM SEG, .nii, .nii.gz or .nrrd file")
    masks: list[LoadedMask] = import_module(f"callout.exports.{kind}").read(path)
    if not masks:
        raise InputError("the mask is empty", str(path), "choose another")
    return masks
