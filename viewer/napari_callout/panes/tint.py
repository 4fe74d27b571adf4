"""Pixels laid over a plane in a colour: where outlines would be too many, or nothing has a border yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from callout.masks.stroke import Bits
from napari_callout.session.plane import Crop


@dataclass(frozen=True, eq=False)
class Tint:
    """The pixels (rows, columns) of a plane that are laid over, so thinly that what is under them is seen."""

    bits: Bits
    colour: str

    @classmethod
    def of(cls, crop: Crop, shape: tuple[int, int], colour: str) -> Tint:
        """Of a crop of the plane."""
        bits, (row, column) = np.zeros(shape, bool), crop[1]
        bits[row : row + crop[0].shape[0], column : column + crop[0].shape[1]] = crop[0]
        return cls(bits, colour)
