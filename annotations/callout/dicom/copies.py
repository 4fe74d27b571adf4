"""Copies: images that lie in a folder twice, found by the bytes of their files or of their pixels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Sequence

from callout.dicom.image import Image
from callout.dicom.places import names_of
from callout.dicom.sources import open_binary
from callout.volume import SeriesWarning

LISTED_COPIES = 12


def without_copies(
    levels: Sequence[Sequence[Image]], same_instance: bool
) -> tuple[list[Image], tuple[SeriesWarning, ...]]:
    """The images of `levels` without those that another at their place is the same as, and what to say of it.

    same_instance: as a file, under the same SOPInstanceUID; else in their pixels alone.
    """
    kept: list[Image] = []
    dropped: list[Image] = []
    for level in levels:
        counts = Counter(_instance(image) for image in level)
        known: set[Hashable] = set()
        for image in level:
            key: Hashable = id(image)
            if len(level) > 1 and not same_instance:
                key = _digest(image, whole=False)
            elif counts[_instance(image)] > 1:
                key = _instance(image), _digest(image, whole=True)
            (dropped if key in known else kept).append(image)
            known.add(key)
    if not dropped:
        return kept, ()
    count = f"{len(dropped)} duplicate image{'s' if len(dropped) > 1 else ''}"
    message = f"{count} dropped: {names_of(dropped, LISTED_COPIES)}"
    return kept, (SeriesWarning("duplicate", message, dropped[0].path),)


def _instance(image: Image) -> tuple[str, int]:
    return image.sop_instance_uid, image.frame


def _digest(image: Image, whole: bool) -> bytes:
    """SHA-256 of the file, or of its pixels and their rescale."""
    stored, pixels = image.stored, image.form.pixels
    digest = hashlib.sha256()
    with open_binary(image.path) as file:
        left = -1
        if not whole and not image.header.deflated:
            file.seek(stored.offset)
            digest.update(repr((pixels.slope, pixels.intercept, pixels.signed, stored.frame)).encode())
            left = -1 if stored.length is None or stored.stride else stored.length
        while left and (block := file.read(min(left, 1 << 20) if left > 0 else 1 << 20)):
            digest.update(block)
            left -= len(block) if left > 0 else 0
    return digest.digest()
