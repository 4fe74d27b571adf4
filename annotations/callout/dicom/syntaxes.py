"""Transfer syntaxes (PS3.5 annex A): which are read, which are refused, and what people call them."""

from __future__ import annotations

from typing import Final

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
ENCAPSULATED: Final = "1.2.840.10008.1.2.1.98"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
RLE: Final = "1.2.840.10008.1.2.5"
JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
JPEG_LS: Final = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
JPEG_2000: Final = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
HTJ2K: Final = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))

UNCOMPRESSED: Final = frozenset((IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN))
READ: Final = UNCOMPRESSED | frozenset((ENCAPSULATED, RLE, *JPEG, *JPEG_LS, *JPEG_2000, *HTJ2K))
LOSSY: Final = (*JPEG[:2], JPEG_LS[1], JPEG_2000[1], HTJ2K[2])  # the first two always are, the others may be

NAMES: Final[dict[str, str]] = {
    IMPLICIT: "Implicit VR Little Endian",
    EXPLICIT: "Explicit VR Little Endian",
    ENCAPSULATED: "Encapsulated Uncompressed Explicit VR Little Endian",
    DEFLATED: "Deflated Explicit VR Little Endian",
    BIG_ENDIAN: "Explicit VR Big Endian",
    RLE: "RLE Lossless",
    JPEG[0]: "JPEG Baseline",
    JPEG[1]: "JPEG Extended",
    JPEG[2]: "JPEG Lossless",
    JPEG[3]: "JPEG Lossless, First-Order Prediction",
    JPEG_LS[0]: "JPEG-LS Lossless",
    JPEG_LS[1]: "JPEG-LS Near-Lossless",
    JPEG_2000[0]: "JPEG 2000 Lossless",
    JPEG_2000[1]: "JPEG 2000",
    HTJ2K[0]: "HTJ2K Lossless",
    HTJ2K[1]: "HTJ2K Lossless RPCL",
    HTJ2K[2]: "HTJ2K",
}


def uncompressed(uid: str) -> bool:
    """Whether pixels of this transfer syntax lie in the data set as they are."""
    return uid in UNCOMPRESSED


def refusal_of(uid: str) -> str | None:
    """Why images of this transfer syntax are not read; None where they are."""
    if uid in READ:
        return None
    name = f"{NAMES[uid]} ({uid})" if uid in NAMES else uid or "missing"
    return f"TransferSyntaxUID is {name}, which is not read yet"
