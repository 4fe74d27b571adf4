"""Diffusion: b-value and gradient direction of an MR image, from DICOM's own elements or the vendor's.

Public: DiffusionBValue, DiffusionGradientOrientation (PS3.3 C.8.13.5.9), which classic images bear too. Private, where
those are missing: Siemens (0019,xx0C) and (0019,xx0E); GE (0043,xx39), whose first value has 10⁹ added by some
releases, and (0019,xxBB) to (0019,xxBD), in the frame of the image; Philips (2001,xx03). Used to tell images apart.
"""

from __future__ import annotations

from callout.dicom.header import Header, Unreadable

GE_OFFSET = 100_000  # b-values are below it, what GE adds are multiples of it
LARGEST_B_VALUE = 100_000.0


def b_value(header: Header) -> float | None:
    """s/mm²; None where the image is not diffusion-weighted, as far as its header tells."""
    found = header.doubles("DiffusionBValue") or _of_vendor(header)
    return found[0] if found and 0 <= found[0] < LARGEST_B_VALUE else None


def _of_vendor(header: Header) -> tuple[float, ...]:
    maker = header.text("Manufacturer").upper()
    try:
        if "SIEMENS" in maker:
            return header.numbers("SiemensBValue")
        if "GE MED" in maker:
            return tuple(value % GE_OFFSET for value in header.numbers("GEBValue")[:1])
    except Unreadable:  # a private element of another meaning
        return ()
    return header.singles("PhilipsBValue") if "PHILIPS" in maker else ()


def direction(header: Header) -> tuple[float, ...]:
    """The gradient's direction, three components; () where there is none."""
    found = header.doubles("DiffusionGradientOrientation")
    maker = header.text("Manufacturer").upper()
    if not found and "SIEMENS" in maker:
        found = header.doubles("SiemensDiffusionDirection")
    if not found and "GE MED" in maker:
        try:
            keywords = ("GEDiffusionX", "GEDiffusionY", "GEDiffusionZ")
            found = tuple(value for keyword in keywords for value in header.numbers(keyword)[:1])
        except Unreadable:
            return ()
    return found if len(found) == 3 and any(found) else ()
