"""Mask files by kind: what a file is, its first bytes or its ending say; one module a kind reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from callout.errors import InputError
from callout.exports.loaded import LoadedFile
from callout.exports.sr_tree import STRUCTURED_REPORTS
from callout.volume import Series

BY_ENDING = {".nii": "nifti", ".nii.gz": "nifti", ".nrrd": "nrrd", ".nhdr": "nrrd"}
BY_SOP_CLASS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "seg",
    "1.2.840.10008.5.1.4.1.1.66.7": "labelmap",
    "1.2.840.10008.5.1.4.1.1.481.3": "rtstruct",
}
BY_SOP_CLASS |= dict.fromkeys(STRUCTURED_REPORTS, "sr_reading")
WITH_FRACTIONS = ("seg", "labelmap")


def read_file(path: Path, series: Sequence[Series], threshold: float | None = None) -> LoadedFile:
    """What a NIfTI, NRRD or DICOM file holds that can become findings on one of `series`.

    threshold: where a segmentation has fractions, the part of the largest from which a voxel counts; half unless told.

    InputError where it is none of these, can't be read, or holds nothing.
    """
    if not path.is_file():
        raise InputError("no such file", str(path), "look for the mask")
    kind = _kind(path)
    if not kind:
        remedy = "choose a DICOM SEG, RTSTRUCT or SR, .nii, .nii.gz or .nrrd file"
        raise InputError("not a mask that can be read", str(path), remedy)
    told = {"threshold": threshold} if threshold is not None and kind in WITH_FRACTIONS else {}
    loaded: LoadedFile = import_module(f"callout.exports.{kind}").read(path, series, **told)
    if not loaded.masks and not loaded.findings:
        raise InputError("the mask is empty", str(path), "choose another")
    return replace(loaded, instance_uid=_meta(path, "MediaStorageSOPInstanceUID"))


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(132).endswith(b"DICM"):
            return BY_SOP_CLASS.get(_meta(path, "MediaStorageSOPClassUID"), "seg")
    return next((kind for ending, kind in BY_ENDING.items() if path.name.lower().endswith(ending)), "")


def _meta(path: Path, keyword: str) -> str:
    """What the file meta information of a DICOM file says; "" where it says nothing, or the file is no DICOM."""
    from pydicom.filereader import read_file_meta_info

    try:
        return str(read_file_meta_info(path).get(keyword, ""))
    except Exception:  # the reader of its kind says what is wrong
        return ""
