"""DICOM: folders of images to series, series to volumes. Everything inside is LPS mm, (k, j, i)."""

from __future__ import annotations

from callout.dicom.decoded import Decoded, decode_all
from callout.dicom.index import Found, find_series, no_images, scan
from callout.dicom.listing import facts_shown, pick_series, series_json
from callout.dicom.load import load, load_slice
from callout.dicom.loading import Loading
from callout.dicom.skipped import Skipped
from callout.dicom.syntaxes import NAMES as TRANSFER_SYNTAX_NAMES

__all__ = [
    "TRANSFER_SYNTAX_NAMES",
    "Decoded",
    "Found",
    "Loading",
    "Skipped",
    "decode_all",
    "facts_shown",
    "find_series",
    "load",
    "load_slice",
    "no_images",
    "pick_series",
    "scan",
    "series_json",
]
