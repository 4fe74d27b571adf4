"""Series, the facts of one stack of images, and Volume, its voxels on their grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.geometry import Grid


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How samples are written, and what they mean: stored × slope + intercept is the value (PS3.3 C.11.1)."""

    transfer_syntax: str
    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    slope: float
    intercept: float


class StoredPixels(NamedTuple):
    """Where one image's pixels lie in its file: what it takes to read them without its header.

    offset, length: bytes of the image's pixels; where they are encapsulated (compressed), offset is that of the whole
        PixelData value and length None.
    file_size, modified_ns: of the file when its header was read; where they differ the header is read again.
    frame: which frame of an encapsulated PixelData, or which tile of a compressed mosaic, from 0.
    stride: bytes from one row to the next where rows are parts of wider ones (a tile of a mosaic, once decoded if it
        is compressed); 0 where they follow one another.
    """

    format: PixelFormat
    offset: int
    length: int | None
    file_size: int
    modified_ns: int
    frame: int = 0
    stride: int = 0


@dataclass(frozen=True)
class Instance:
    """One image: the SOP instance, the frame in it (1-based; 1 in single-frame files), and the file last seen."""

    sop_instance_uid: str
    frame: int
    path: str
    stored: StoredPixels | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class SeriesWarning:
    """What a careful reader should know of a series: a code for programs, a sentence for people."""

    code: str
    message: str
    path: str = ""


SPACING_UNKNOWN = "spacing-unknown"  # the warning's code


@dataclass(frozen=True, eq=False)
class Series:
    """The facts of one stack: what `inspect` shows, and all that is needed to load it.

    id: the SeriesInstanceUID, with `#what-differs` where one DICOM series holds several stacks.
    display_set: what the blocks of one DICOM series that scroll together share (disc-angled blocks, changes of tilt),
        in the order in which a scan lists them; echoes, phases and planes have sets of their own. "" where unknown.
    instances: in the order of the grid's slices.
    windows: (centre, width) pairs of the DICOM itself, in stored order, values after rescale.
    attributes: other DICOM facts by keyword that views and exports show (RepetitionTime, ConvolutionKernel …),
        JSON-able; identities of the patient are not among them.
    """

    id: str
    series_uid: str
    study_uid: str
    modality: str
    number: int | None
    description: str
    grid: Grid
    instances: tuple[Instance, ...]
    transfer_syntax: str
    sop_class_uid: str
    sequence: str | None = None
    contrast: str | None = None
    photometric_interpretation: str = "MONOCHROME2"
    slice_thickness_mm: float | None = None
    windows: tuple[tuple[float, float], ...] = ()
    is_localizer: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[SeriesWarning, ...] = ()
    display_set: str = ""

    def __post_init__(self) -> None:
        if len(self.instances) != self.grid.shape[0]:
            raise InputError(f"series {self.id} has {len(self.instances)} images for {self.grid.shape[0]} slices")

    @property
    def is_measurable(self) -> bool:
        """Whether sizes on its images mean anything: not on a localizer, nor where no pixel size is stated."""
        return not self.is_localizer and all(warning.code != SPACING_UNKNOWN for warning in self.warnings)

    @property
    def title(self) -> str:
        """What people call it: number, description (else modality and plane), and what sets the stack apart."""
        differs = self.id.partition("#")[2]
        name = self.description or f"{self.modality} {self.plane}"
        number = "" if self.number is None else f"{self.number} · "
        return f"{number}{name}" + (f" ({differs})" if differs else "")

    @property
    def plane(self) -> str:
        """axial, sagittal, coronal (within 30°) or oblique."""
        return self.grid.plane


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels (k, j, i) on their grid, always complete; HU for CT, the scanner's signal for MR; read-only."""

    voxels: npt.NDArray[Any]
    grid: Grid
    series_id: str = ""

    def __post_init__(self) -> None:
        if self.voxels.shape != self.grid.shape:
            raise InputError(f"voxels have shape {self.voxels.shape}, their grid {self.grid.shape}")
        view = self.voxels.view()
        view.flags.writeable = False
        object.__setattr__(self, "voxels", view)

    @property
    def dtype(self) -> np.dtype[Any]:
        """int16 where the values are exact in it, else float32."""
        return self.voxels.dtype
