"""Where voxels are: grids, planes and the words for directions.

Frame: DICOM's patient coordinate system (PS3.3 C.7.6.2.1.1), called LPS: x grows to the patient's left, y to
the back (posterior), z to the head (superior); millimetres. Index order is (k, j, i) = (slice, row, column);
whole numbers are voxel centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from callout.errors import GridMismatch, InputError

Floats = npt.NDArray[np.float64]
PlaneName = Literal["axial", "sagittal", "coronal", "oblique"]

PLANE_LIMIT_DEG = 30.0  # a stack this close to a body plane bears its name
SAME_LATTICE_VOXELS = 0.02  # two grids are one lattice when no voxel centre is further off than this
EVEN_MM = 0.01  # slice positions this close to a straight, even line count as even
GAP_STEPS = 1.5  # a step more than so many times the usual one is a gap
ZONE_STEPS, ZONE_ALIKE = 3, 0.1  # so many steps that differ by no more than this part of them: a spacing of their own


@dataclass(frozen=True, eq=False)
class Grid:
    """The voxel centres of a stack of slices: even, tilted, gapped or uneven.

    shape: (slices, rows, columns).
    origins: (slices, 3) LPS mm, the centre of each slice's first voxel (ImagePositionPatient).
    row_step: (3,) LPS mm from one row to the next, (k, j, i) → (k, j + 1, i).
    column_step: (3,) LPS mm from one column to the next, (k, j, i) → (k, j, i + 1).
    frame_of_reference_uid: grids with different frames can't be compared; "" when unknown.

    Raises InputError for shapes that don't fit, numbers that are not finite, steps that are zero or not
    perpendicular, or slices that lie on one another.
    """

    shape: tuple[int, int, int]
    origins: Floats
    row_step: Floats
    column_step: Floats
    frame_of_reference_uid: str = ""

    def __post_init__(self) -> None:
        for name, expected in (("origins", (self.shape[0], 3)), ("row_step", (3,)), ("column_step", (3,))):
            array = np.array(getattr(self, name), np.float64)
            if array.shape != expected:
                raise InputError(f"{name} of a grid has shape {array.shape}, expected {expected}")
            if not np.isfinite(array).all():
                raise InputError(f"{name} of a grid is not finite")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        if max(self.shape[1:]) > 65535:
            raise InputError(f"a grid of shape {self.shape} is larger than any image (Rows, Columns)")
        rows, columns = np.linalg.norm(self.row_step), np.linalg.norm(self.column_step)
        if min(self.shape) < 1 or rows <= 0 or columns <= 0:
            raise InputError(f"a grid of shape {self.shape} with pixels of {rows:g} × {columns:g} mm has no extent")
        if abs(self.row_step @ self.column_step) > 1e-3 * rows * columns:
            raise InputError("rows and columns of a grid are not perpendicular")
        steps = np.diff(self.slice_positions)
        if steps.size and not ((steps > 1e-4).all() or (steps < -1e-4).all()):
            raise InputError("slices of a grid are not in order along their normal, or two lie on one another")

    @classmethod
    def from_affine(cls, affine: npt.ArrayLike, shape: Sequence[int], frame_of_reference_uid: str = "") -> Grid:
        """An even grid from a 4×4 affine that maps (k, j, i, 1) to LPS mm."""
        matrix = np.asarray(affine, np.float64)
        if matrix.shape != (4, 4):
            raise InputError(f"an affine has shape {matrix.shape}, expected (4, 4)")
        origins = matrix[:3, 3] + np.arange(shape[0])[:, None] * matrix[:3, 0]
        whole = (int(shape[0]), int(shape[1]), int(shape[2]))
        return cls(whole, origins, matrix[:3, 1], matrix[:3, 2], frame_of_reference_uid)

    @cached_property
    def normal(self) -> Floats:
        """Unit normal of the slices, LPS: row direction × column direction (PS3.3 C.7.6.2.1.1)."""
        normal = np.cross(self.column_step, self.row_step)
        return _read_only(normal / np.linalg.norm(normal))

    @cached_property
    def slice_positions(self) -> Floats:
        """(slices,) mm of each slice along the normal, from the frame's origin."""
        return _read_only(self.origins @ self.normal)

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """(slice, row, column) mm; slice spacing is measured along the normal, the median where uneven.

        For a stack of one slice the slice spacing is 0: nothing in a grid tells it.
        """
        steps = np.abs(np.diff(self.slice_positions))
        between = float(np.median(steps)) if steps.size else 0.0
        return between, float(np.linalg.norm(self.row_step)), float(np.linalg.norm(self.column_step))

    @cached_property
    def is_even(self) -> bool:
        """Whether slice origins are even and on one line (which may be tilted), within 0.01 mm."""
        ideal = self.origins[0] + np.arange(self.shape[0])[:, None] * self._slice_step
        return bool(np.abs(self.origins - ideal).max() <= EVEN_MM)

    @cached_property
    def gaps(self) -> tuple[tuple[int, float], ...]:
        """(k, mm) where slices are missing between k and k + 1, both of which reach so far along the normal.

        There a step is more than 1.5 times the usual one, of which they reach one half. The usual one is the median; a
        scan with narrow slices in one part and wide ones in another has no gaps: three steps alike are usual there.
        """
        steps = np.abs(np.diff(self.slice_positions))
        usual = np.full(len(steps), float(np.median(steps)) if steps.size else 0.0)
        ends = np.flatnonzero(np.abs(np.diff(steps)) > ZONE_ALIKE * steps[:-1]) + 1
        for zone in np.split(np.arange(len(steps)), ends):
            if len(zone) >= ZONE_STEPS:
                usual[zone] = steps[zone]
        return tuple((int(k), float(usual[k]) / 2) for k in np.flatnonzero(steps > GAP_STEPS * usual))

    @property
    def _slice_step(self) -> Floats:
        if self.shape[0] == 1:
            return self.normal
        step: Floats = (self.origins[-1] - self.origins[0]) / (self.shape[0] - 1)
        return step

    @property
    def affine(self) -> Floats:
        """4×4, (k, j, i, 1) → LPS mm; a stack of one slice gets a step of 1 mm. InputError where slices are uneven.

        >>> grid = Grid.from_affine([[0, 0, 2, 5], [0, 2, 0, 6], [3, 0, 0, 7], [0, 0, 0, 1]], (4, 8, 9))
        >>> (grid.affine @ [1, 0, 0, 1]).tolist()   # one slice up: z grows by 3 mm
        [5.0, 6.0, 10.0, 1.0]
        """
        if not self.is_even:
            raise InputError("slices are uneven, so no affine describes them", remedy="use origins, or resample")
        matrix = np.eye(4)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = self._slice_step, self.row_step, self.column_step
        matrix[:3, 3] = self.origins[0]
        return matrix

    @property
    def plane(self) -> PlaneName:
        """The body plane within 30° of the slices, else "oblique"."""
        return plane_of(self.normal)

    @cached_property
    def voxel_volumes(self) -> Floats:
        """(slices,) mm³ of one voxel of each slice: pixel area × the slab half way to each neighbour.

        The first and last slice reach as far outward as inward; a stack of one slice has volume 0 (unknown).
        """
        positions = self.slice_positions
        if len(positions) == 1:
            return _read_only(np.zeros(1))
        steps = np.abs(np.diff(positions))
        below, above = np.concatenate([steps[:1], steps]), np.concatenate([steps, steps[-1:]])
        _, rows, columns = self.spacing
        return _read_only((below + above) / 2 * rows * columns)

    def points(self, indices: npt.ArrayLike) -> Floats:
        """LPS mm (..., 3) of (k, j, i) indices (..., 3); between slices, linear between their origins.

        Beyond the ends the nearest pair of slices is carried on.
        """
        index = np.asarray(indices, np.float64)
        k = index[..., 0]
        if self.shape[0] == 1:
            base = self.origins[0] + k[..., None] * self.normal
        else:
            low = np.clip(np.floor(k).astype(int), 0, self.shape[0] - 2)
            part = (k - low)[..., None]
            base = self.origins[low] * (1 - part) + self.origins[low + 1] * part
        result: Floats = base + index[..., 1:2] * self.row_step + index[..., 2:3] * self.column_step
        return result

    def indices(self, points: npt.ArrayLike) -> Floats:
        """(k, j, i) (..., 3), with fractions, of LPS mm points (..., 3): the inverse of `points`."""
        point = np.asarray(points, np.float64)
        if self.shape[0] == 1:
            k = (point - self.origins[0]) @ self.normal
            base = self.origins[0] + k[..., None] * self.normal
        else:
            along, positions = point @ self.normal, self.slice_positions
            rising = positions if positions[-1] > positions[0] else -positions
            height = along if positions[-1] > positions[0] else -along
            low = np.clip(np.searchsorted(rising, height, "right") - 1, 0, self.shape[0] - 2)
            k = low + (height - rising[low]) / (rising[low + 1] - rising[low])
            part = (k - low)[..., None]
            base = self.origins[low] * (1 - part) + self.origins[low + 1] * part
        offset = point - base
        j = offset @ self.row_step / (self.row_step @ self.row_step)
        i = offset @ self.column_step / (self.column_step @ self.column_step)
        return np.stack([k, j, i], axis=-1)

    def lattice_map(self, other: Grid) -> LatticeMap:
        """How `other`, the same lattice flipped, permuted, cropped or with slices left out, lies on this one.

        Raises GridMismatch where it is another lattice: a voxel centre is more than 0.02 voxel off.
        """
        if "" not in (self.frame_of_reference_uid, other.frame_of_reference_uid) and (
            self.frame_of_reference_uid != other.frame_of_reference_uid
        ):
            raise GridMismatch("the two grids have different frames of reference")
        axes = [self.indices(other.points(np.outer(np.arange(n), np.eye(3)[a]))) for a, n in enumerate(other.shape)]
        long = {a: int(np.abs(axes[a][-1] - axes[a][0]).argmax()) for a in range(3) if other.shape[a] > 1}
        free = [home for home in (0, 1, 2) if home not in long.values()]
        permutation = tuple(long[axis] if axis in long else free.pop(0) for axis in range(3))  # length 1: any is right
        if sorted(permutation) != [0, 1, 2]:
            raise GridMismatch("the two grids are turned against each other")
        along = [axes[axis][:, home] for axis, home in enumerate(permutation)]
        indices = tuple(np.rint(places).astype(np.intp) for places in along)
        corners = np.array([[k, j, i] for k in range(other.shape[0]) for j in (0, -1) for i in (0, -1)])
        expected = np.empty((len(corners), 3))
        for axis, home in enumerate(permutation):
            expected[:, home] = indices[axis][corners[:, axis]]
        off = float(np.abs(self.indices(other.points(corners % other.shape)) - expected).max())
        off = max(off, *(float(np.abs(places - np.rint(places)).max()) for places in along))
        if off > SAME_LATTICE_VOXELS:
            raise GridMismatch(f"its voxels lie up to {off:.2f} voxels off those of the series")
        return LatticeMap(permutation, indices, self.shape)


@dataclass(frozen=True, eq=False)
class LatticeMap:
    """How an array on one grid lies on the home grid of the same lattice.

    permutation: for each axis of the array, the axis of the home grid that it runs along.
    indices: for each axis of the array, the home index of each of its positions; some may lie outside.
    shape: of the home grid.
    """

    permutation: tuple[int, ...]
    indices: tuple[npt.NDArray[np.intp], ...]
    shape: tuple[int, int, int]

    def onto_home(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """`mask` on the home grid, bool (k, j, i). GridMismatch if voxels that are set fall outside."""
        order = [self.permutation.index(home) for home in range(3)]
        along = [self.indices[axis] for axis in order]
        inside = [(index >= 0) & (index < size) for index, size in zip(along, self.shape, strict=True)]
        here = mask.transpose(order)[np.ix_(*inside)]
        home = np.zeros(self.shape, bool)
        home[np.ix_(*(index[keep] for index, keep in zip(along, inside, strict=True)))] = here
        if np.count_nonzero(home) != np.count_nonzero(mask):
            raise GridMismatch("parts of the mask lie outside the series")
        return home


def _read_only(array: Floats) -> Floats:
    array.flags.writeable = False
    return array


def plane_of(normal: npt.ArrayLike) -> PlaneName:
    """The body plane whose normal is within 30° of `normal` (LPS), else "oblique".

    >>> plane_of([0, 0, -1])
    'axial'
    """
    unit = np.asarray(normal, np.float64)
    parts = np.abs(unit) / np.linalg.norm(unit)
    names: tuple[PlaneName, PlaneName, PlaneName] = ("sagittal", "coronal", "axial")
    largest = int(parts.argmax())
    return names[largest] if parts[largest] >= np.cos(np.radians(PLANE_LIMIT_DEG)) else "oblique"


def direction_letters(direction: npt.ArrayLike) -> str:
    """The letters radiologists put at an edge that lies in `direction` (LPS): main one first, at most two.

    >>> direction_letters([0.9, 0.1, -0.4]), direction_letters([-1, 0, 0])
    ('LF', 'R')
    """
    unit = np.asarray(direction, np.float64) / np.linalg.norm(direction)
    letters = [("L" if unit[0] > 0 else "R"), ("P" if unit[1] > 0 else "A"), ("H" if unit[2] > 0 else "F")]
    order = np.argsort(-np.abs(unit))
    return "".join(letters[axis] for axis in order[:2] if abs(unit[axis]) > 0.25)
