"""Claim: what a compressed frame says of itself, held against the header before any codec sees it."""

from __future__ import annotations

from dataclasses import dataclass

from callout.dicom.header import Unreadable
from callout.volume import PixelFormat


@dataclass(frozen=True, slots=True)
class Claim:
    """Size, samples and bits that a stream claims.

    signed: whether it says that its samples are signed; None where its bits are those of the header (JPEG).
    """

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool | None = None

    def check(self, name: str, pixels: PixelFormat) -> None:
        """Unreadable where the header says otherwise; `name` is what people call the codec."""
        if (self.rows, self.columns) != (pixels.rows, pixels.columns):
            raise Unreadable(
                f"its {name} stream claims {self.rows} × {self.columns} pixels, "
                f"Rows × Columns are {pixels.rows} × {pixels.columns}"
            )
        if self.components != 1 or not 1 <= self.precision <= pixels.bits_allocated:
            raise Unreadable(
                f"its {name} stream claims {self.components} samples of {self.precision} bits, "
                f"BitsAllocated is {pixels.bits_allocated}"
            )
