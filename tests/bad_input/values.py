"""What samples are and mean: rescale, bits, signs, photometric interpretations, and PixelData of another size."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from made_series import Change, pixels, series
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from bad_input.raw import put
from bad_input.row import FOUR, THREE, BadInput, Make, Seen, edited, made, settings


def us(keyword: str, value: int) -> Make:
    return edited(put(keyword, struct.pack("<H", value), b"US"))


def samples(change: Callable[[np.ndarray], np.ndarray], **values: object) -> Change:
    """Stored samples made of those of slice k, and attributes that say how."""

    def changed(data_set: Dataset, k: int) -> None:
        for keyword, value in values.items():
            setattr(data_set, keyword, value)
        data_set.PixelData = change(pixels(k)).tobytes()
        if data_set.BitsAllocated == 8:
            data_set["PixelData"].VR = "OB"

    return changed


def slopes(data_set: Dataset, k: int) -> None:
    """A slope of its own for each slice (PET-like, and some MR)."""
    data_set.RescaleSlope, data_set.RescaleIntercept = 0.5 * (k + 1), -k


def sloped(seen: Seen) -> str:
    expected = np.stack([pixels(k) * (0.5 * (k + 1)) - k for k in range(4)])
    return "" if np.allclose(seen.voxels, expected, atol=1e-3) else f"voxels {seen.voxels[:, 0, 0].tolist()}"


def intercepts(data_set: Dataset, k: int) -> None:
    data_set.RescaleIntercept = -1000 - k


def shifted(seen: Seen) -> str:
    expected = np.stack([pixels(k).astype(int) - 1000 - k for k in range(4)])
    return "" if np.array_equal(seen.voxels, expected) else f"voxels {seen.voxels[:, 0, 0].tolist()}"


def negated(seen: Seen) -> str:
    expected = np.stack([1024 - pixels(k).astype(int) for k in range(4)])
    return "" if np.array_equal(seen.voxels, expected) else f"voxels {seen.voxels[:, 0, 0].tolist()}"


def unchanged(seen: Seen) -> str:
    """For MR without rescale."""
    expected = np.stack([pixels(k) for k in range(4)])
    return "" if np.array_equal(seen.voxels, expected) else f"voxels {seen.voxels[:, 0, 0].tolist()}"


def high_unsigned(seen: Seen) -> str:
    """16 unsigned bits that use the highest: float32 holds them."""
    expected = np.stack([pixels(k).astype(int) + 40_000 - 1024 for k in range(4)])
    return "" if np.array_equal(seen.voxels, expected) else f"voxels {seen.voxels[:, 0, 0].tolist()}"


def swapped(data_set: Dataset, k: int) -> None:
    data_set.PixelData = pixels(k).astype(">u2").tobytes()


def two_echo_words(folder: Path) -> None:
    """Two images at each place, told apart by an EchoTime that is no number."""
    from made_series import setting, uid

    for name in ("one", "two"):
        for path in series(folder, 4, setting(EchoTime=1, SeriesInstanceUID=uid("echoes")), name=name):
            path.write_bytes(put("EchoTime", name.encode())(path.read_bytes()))


TWELVE = np.uint16(0x0FFF)
RESCALE_SPELT = (b"nan", b"inf", b"-inf", b"one", b"1,0", b"1_0", b"0x1", b"1e999", b"1 HU", b"1.0.0", "１".encode())
SHORT = (bytes(0), bytes(1), bytes(40), bytes(58))
LONG = (bytes(62), bytes(61), bytes(120), bytes(6000))

ROWS: tuple[BadInput, ...] = (
    BadInput(
        "rescale that is none",
        "skip",
        {
            f"{keyword} {value!r}": edited(put(keyword, value))
            for keyword in ("RescaleSlope", "RescaleIntercept")
            for value in RESCALE_SPELT
        }
        | {f"RescaleSlope {value!r}": edited(put("RescaleSlope", value)) for value in (b"0", b"0.0", b"-0", b"0e5")},
        "Rescale",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "rescale that is none, in all images",
        "refuse",
        {
            "zero": edited(put("RescaleSlope", b"0"), only=None),
            "text": edited(put("RescaleIntercept", b"air"), only=None),
            "comma": edited(put("RescaleSlope", b"1,5"), only=None),
        },
        "Rescale",
        "a-0.dcm",
    ),
    BadInput("a slope for each slice", "load", {"": made(slopes)}, stacks=FOUR, untrue=sloped),
    BadInput("an intercept for each slice", "load", {"": made(intercepts)}, stacks=FOUR, untrue=shifted),
    BadInput(
        "a negative slope",
        "load",
        {"": settings(None, RescaleSlope=-1, RescaleIntercept=1024)},
        stacks=FOUR,
        untrue=negated,
    ),
    BadInput(
        "no rescale",
        "warn",
        {"CT": settings(None, RescaleSlope=None, RescaleIntercept=None)},
        "RescaleIntercept is missing",
        ".dcm",
        FOUR,
        unchanged,
    ),
    BadInput("no rescale in MR", "load", {"": made(modality="MR")}, stacks=FOUR, untrue=unchanged),
    BadInput("MONOCHROME1", "load", {"": settings(None, PhotometricInterpretation="MONOCHROME1")}, stacks=FOUR),
    BadInput(
        "bits that are masked or sign extended",
        "load",
        {
            "overlay in the high bits": made(samples(lambda s: s | np.uint16(0x7000))),
            "overlay in all high bits": made(samples(lambda s: s | np.uint16(0xF000))),
            "signed twelve bits": made(
                samples(
                    lambda s: (s.astype(np.int16) - 2000).view(np.uint16) & TWELVE,
                    PixelRepresentation=1,
                    RescaleIntercept=2000 - 1024,
                )
            ),
            "signed twelve bits, overlay above": made(
                samples(
                    lambda s: (s.astype(np.int16) - 2000).view(np.uint16) & TWELVE | np.uint16(0x5000),
                    PixelRepresentation=1,
                    RescaleIntercept=2000 - 1024,
                )
            ),
            "signed sixteen bits": made(
                samples(
                    lambda s: s.astype(np.int16) - 3000,
                    PixelRepresentation=1,
                    BitsStored=16,
                    HighBit=15,
                    RescaleIntercept=3000 - 1024,
                )
            ),
            "twelve bits at the top": made(samples(lambda s: s << np.uint16(4) | np.uint16(5), HighBit=15)),
            "in 32 bits": made(samples(lambda s: s.astype(np.uint32), BitsAllocated=32, BitsStored=32, HighBit=31)),
        },
        stacks=FOUR,
    ),
    BadInput(
        "sixteen unsigned bits, all used",
        "load",
        {"": made(samples(lambda s: s + np.uint16(40_000), BitsStored=16, HighBit=15))},
        stacks=FOUR,
        untrue=high_unsigned,
    ),
    BadInput(
        "bits that don't fit each other",
        "skip",
        {
            **{f"BitsStored {value}": us("BitsStored", value) for value in (0, 17, 65535)},
            **{f"BitsAllocated {value}": us("BitsAllocated", value) for value in (0, 1, 12, 24, 64, 65535)},
            **{f"HighBit {value}": us("HighBit", value) for value in (0, 10, 16, 65535)},
            "no BitsAllocated": settings(BitsAllocated=None),
            "BitsAllocated 8": us("BitsAllocated", 8),
            "BitsAllocated 32": us("BitsAllocated", 32),
        },
        "Bits|HighBit|PixelData",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "PixelRepresentation that is neither",
        "skip",
        {"2": us("PixelRepresentation", 2), "65535": us("PixelRepresentation", 65535)},
        "PixelRepresentation",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "no grey image",
        "skip",
        {
            **{
                name or "no name": settings(PhotometricInterpretation=name)
                for name in ("RGB", "YBR_FULL_422", "PALETTE COLOR", "MONOCHROME3", "")
            },
            "missing": settings(PhotometricInterpretation=None),
            "three samples": settings(SamplesPerPixel=3),
            "no samples": settings(SamplesPerPixel=0),
        },
        "PhotometricInterpretation|SamplesPerPixel",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "PixelData of another size",
        "skip",
        {
            **{f"{len(value)} bytes": settings(PixelData=value) for value in SHORT + LONG},
            "none": settings(PixelData=None),
            "implicit, 40 bytes": made(
                lambda d, k: setattr(d, "PixelData", bytes(40)) if k == 1 else None, syntax=ImplicitVRLittleEndian
            ),
            "deflated, 40 bytes": made(
                lambda d, k: setattr(d, "PixelData", bytes(40)) if k == 1 else None,
                syntax=DeflatedExplicitVRLittleEndian,
            ),
        },
        "PixelData",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "NumberOfFrames that is none",
        "skip",
        {
            repr(value): edited(put("NumberOfFrames", value))
            for value in (b"2", b"-1", b"0", b"1000000000", b"99999999999999999999", b"nan", b"inf", b"1e9", b"many")
        },
        "NumberOfFrames|PixelData",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "syntaxes without compression",
        "load",
        {
            "implicit": made(syntax=ImplicitVRLittleEndian),
            "big endian": made(swapped, syntax=ExplicitVRBigEndian),
            "deflated": made(syntax=DeflatedExplicitVRLittleEndian),
        },
        stacks=FOUR,
    ),
    BadInput("an echo time in words", "warn", {"": two_echo_words}, "EchoTime", ".dcm", FOUR * 2),
)
