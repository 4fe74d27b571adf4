"""What a view looks at: a native slice, or a plane cut through the volume (a reformat), a slab, a difference.

Frame: LPS mm. A section has a grid of its own on which its values lie, so that whatever is drawn on it knows only that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from callout.case.model import displacement
from callout.dicom.comparable import incomparable
from callout.errors import InputError
from callout.figures.projection import PAGE_DIRECTIONS
from callout.figures.recipe import Vector, View
from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.volume import Series, Volume

Bits = npt.NDArray[np.bool_]
Box = tuple[slice, slice]
ALL: Box = (slice(None), slice(None))
SLACK = 1e-3  # pixels and mm by which roundings may be off
LARGEST_SIDE = 2048  # pixels of a section
NORMALS = {"sagittal": (1.0, 0.0, 0.0), "coronal": (0.0, 1.0, 0.0), "axial": (0.0, 0.0, 1.0)}
SLABS = {"mean": "mean", "max": "MIP", "min": "MinIP"}


class Volumes(Protocol):
    """Where sections are cut from."""

    def series(self, series_id: str) -> Series:
        """The facts of a series."""

    def pixels(self, series_id: str, k: int) -> npt.NDArray[np.generic]:
        """(rows, columns) native values of slice k, after rescale."""

    def volume(self, series_id: str) -> Volume:
        """All voxels of a series."""

    def mask(self, region_id: str, series_id: str, k: int) -> Bits | None:
        """Bool (rows, columns) of a region on slice k of a series; None where it has nothing there."""

    def region(self, region_id: str) -> tuple[Mask, Grid]:
        """A region's mask, and the grid of the series it was drawn on."""


@dataclass(frozen=True, eq=False)
class Section:
    """Values (rows, columns) on slice `k` of `grid`; those outside the volume are infinite, and black.

    mask: of a region, by its id, bool (rows, columns); None where it has nothing on the section.
    label: what has to be told of it on the picture; "" for a native slice. inverted: low values are white.
    measurable: whether lengths and angles on it mean anything.
    """

    grid: Grid
    k: int
    values: npt.NDArray[np.generic]
    mask: Callable[[str], Bits | None]
    label: str = ""
    inverted: bool = False
    measurable: bool = True

    def masks(self, region_ids: Iterable[str]) -> dict[str, Bits]:
        """The regions that have something on the section."""
        found = {region_id: self.mask(region_id) for region_id in dict.fromkeys(region_ids)}
        return {region_id: mask for region_id, mask in found.items() if mask is not None}


def section_of(view: View, source: Volumes) -> Section:
    """What a view shows. InputError where its slice, its region or its partner is not there or can't be compared."""
    series = source.series(view.series_id)
    inverted = (series.photometric_interpretation == "MONOCHROME1") != view.inverted
    if view.plane == "native":
        k = _native_slice(view, series)
        if not view.slab_mm and view.minus is None:
            values = source.pixels(view.series_id, k)
            return Section(
                series.grid,
                k,
                values,
                lambda r: source.mask(r, view.series_id, k),
                inverted=inverted,
                measurable=series.is_measurable,
            )
    grid = grid_of(view, source)
    values = _slab(source.volume(view.series_id), grid, view)
    if view.minus is not None:
        other = source.series(view.minus)
        _refuse_incomparable(series, other)
        taken = _slab(source.volume(view.minus), _moved(grid, view.shift_mm), view)
        values = np.where(np.isfinite(values) & np.isfinite(taken), values - taken, -np.inf)
    if inverted:  # what lies outside is black there too
        values = np.where(np.isfinite(values), values, np.inf)
    return Section(
        grid,
        0,
        values,
        lambda region_id: cut(*source.region(region_id), grid),
        _label(view, series),
        inverted,
        series.is_measurable,
    )


def _native_slice(view: View, series: Series) -> int:
    if view.slice is None or view.slice >= series.grid.shape[0]:
        raise InputError(
            f"slice {view.slice} is not in the series",
            f"series {series.title}",
            f"choose one of 0 to {series.grid.shape[0] - 1}",
        )
    return view.slice


def grid_of(view: View, source: Volumes) -> Grid:
    """The one slice on which a view lies; no voxel is read for it. InputError as `section_of`."""
    series = source.series(view.series_id)
    if view.plane == "native":
        return slice_grid(series.grid, _native_slice(view, series))
    return plane_grid(view, series, source)


def _label(view: View, series: Series) -> str:
    """In words, what is not native about a section."""
    words = []
    if view.plane != "native":
        missing = ", black: no slices" if series.grid.gaps else ""
        words.append(f"reformatted, {series.grid.spacing[0]:.3g} mm{missing}")
    if view.slab_mm:
        words.append(f"{SLABS[view.projection]} of {view.slab_mm:g} mm")
    if view.minus is not None:
        words.append(difference_in_words(view))
    return "; ".join(words)


def difference_in_words(view: View) -> str:
    """That a view is a difference, and by how much what is subtracted was moved."""
    moved = displacement(view.shift_mm)
    return f"difference, moved {moved}" if moved else "difference"


def _moved(grid: Grid, shift_mm: Vector) -> Grid:
    """Where on a volume that is moved by `shift_mm` the places of `grid` were before."""
    if not any(shift_mm):
        return grid
    return Grid(
        grid.shape, grid.origins - np.array(shift_mm), grid.row_step, grid.column_step, grid.frame_of_reference_uid
    )


def slice_grid(grid: Grid, k: int) -> Grid:
    """One slice of a grid, alone."""
    return Grid(
        (1, *grid.shape[1:]), grid.origins[k : k + 1], grid.row_step, grid.column_step, grid.frame_of_reference_uid
    )


def plane_grid(view: View, series: Series, source: Volumes) -> Grid:
    """One slice of square pixels through the view's centre, shown the radiological way: rows down, columns across."""
    normal = _normal(view, source)
    right, down = page_directions(normal, view.right)
    pixel = max(min(series.grid.spacing[1:]), max(view.extent_mm) / LARGEST_SIDE)
    columns, rows = (math.ceil(side / pixel) + 2 for side in view.extent_mm)
    centre = np.array(view.centre_mm, np.float64)
    if view.points_mm is not None:  # the plane goes through the points, whatever the centre's depth
        centre = centre - ((centre - np.array(view.points_mm[0])) * normal).sum() * normal
    corner = centre - right * (columns - 1) / 2 * pixel - down * (rows - 1) / 2 * pixel
    return Grid((1, rows, columns), corner[None], down * pixel, right * pixel, series.grid.frame_of_reference_uid)


def page_directions(normal: Floats, wanted: Vector | None = None) -> tuple[Floats, Floats]:
    """LPS unit vectors to the right and down on the page, of a plane that is shown like the nearest body plane.

    wanted: what runs to the right instead, taken onto the plane.
    """
    across, onward = (np.array(v, np.float64) for v in PAGE_DIRECTIONS[int(np.abs(normal).round(6).argmax())])
    if wanted is not None:
        across = np.array(wanted, np.float64)
    along = across - (across * normal).sum() * normal
    if float(np.sqrt((along * along).sum())) < 1e-3:
        raise InputError("right: that direction does not lie in the plane")
    right = _unit(along)
    down = np.cross(normal, right)
    return right, down if (down * onward).sum() >= 0 else -down


def _normal(view: View, source: Volumes) -> Floats:
    if view.plane != "oblique":
        return np.array(NORMALS[view.plane])
    if view.points_mm is not None:
        one, two, three = (np.array(point, np.float64) for point in view.points_mm)
        cross = np.cross(two - one, three - one)
        if float(np.sqrt((cross * cross).sum())) < 1e-3:
            raise InputError("points_mm lie on one line, and make no plane")
        return _unit(cross)
    mask, grid = source.region(str(view.along))
    return shortest_direction(mask, grid, str(view.along))


def shortest_direction(mask: Mask, grid: Grid, name: str) -> Floats:
    """The direction across a region's two longest ones: the plane with that normal shows it at its largest."""
    points = grid.points(np.argwhere(mask.crop) + mask.low)
    if len(points) < 3:
        raise InputError(f"region {name} is too small to have a long axis")
    _, directions = np.linalg.eigh(np.cov((points - points.mean(axis=0)).T))
    shortest = directions[:, 0].round(6)  # what a processor rounds otherwise must not turn the picture
    return _unit(shortest if shortest[np.abs(shortest).argmax()] > 0 else -shortest)


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / np.sqrt((vector * vector).sum())
    return unit


def _slab(volume: Volume, grid: Grid, view: View) -> Floats:
    """(rows, columns) values of a volume on the one slice of `grid`, over the slab where there is one."""
    if not view.slab_mm:
        return sample(volume, grid, 0.0)
    step = min(step for step in volume.grid.spacing if step > 0) / 2
    count = 2 * math.ceil(view.slab_mm / 2 / step) + 1
    offsets = np.linspace(-view.slab_mm / 2, view.slab_mm / 2, count)
    layers = (sample(volume, grid, float(offset)) for offset in offsets)
    if view.projection == "max":
        return _reduced(np.fmax, layers)
    if view.projection == "min":
        return _reduced(lambda a, b: np.where(np.isinf(a), b, np.where(np.isinf(b), a, np.fmin(a, b))), layers)
    total, counted = np.zeros(grid.shape[1:]), np.zeros(grid.shape[1:])
    for layer in layers:
        inside = np.isfinite(layer)
        total[inside] += layer[inside]
        counted += inside
    return np.where(counted > 0, total / np.maximum(counted, 1), -np.inf)


def _reduced(combine: Callable[[Floats, Floats], Floats], layers: Iterable[Floats]) -> Floats:
    result: Floats | None = None
    for layer in layers:
        result = layer if result is None else combine(result, layer)
    assert result is not None
    return result


def sample(volume: Volume, grid: Grid, offset_mm: float) -> Floats:
    """(rows, columns) values, linear between voxels, at the one slice of `grid` moved along its normal; −inf outside.

    A voxel reaches half-way to the next one: the outermost are carried on by half a voxel. Where slices are missing
    nothing is made up: both slices reach as far as `Grid.gaps` says, also outward where one is the outermost, and −inf
    lies between.
    """
    from scipy.ndimage import map_coordinates

    at = _places(volume.grid, grid, offset_mm)
    size = np.array(volume.grid.shape, np.float64)[:, None, None]
    reach = np.array([0.5 if n > 1 else max(0.5, offset_mm) for n in volume.grid.shape])[:, None, None]
    inside = ((at >= -reach) & (at <= size - 1 + reach)).all(axis=0)
    if volume.grid.gaps:
        inside &= ~_leave_gaps(at[0], volume.grid)
    low = [max(0, math.floor(float(axis[inside].min(initial=math.inf)))) if inside.any() else 0 for axis in at]
    high = [math.ceil(float(axis[inside].max(initial=0))) + 2 if inside.any() else 1 for axis in at]
    crop = volume.voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))].astype(np.float32)
    values = map_coordinates(crop, at - np.array(low)[:, None, None], order=1, mode="nearest", output=np.float64)
    return np.where(inside, values, -np.inf)


def _leave_gaps(at: Floats, home: Grid) -> Bits:
    """Where no slice reaches; beside that, places `at` along k become those of the nearest slice."""
    steps = np.abs(np.diff(home.slice_positions))
    reach = np.full(len(steps), math.inf)
    for k, mm in home.gaps:
        reach[k] = mm
    low = np.clip(np.floor(at), 0, len(steps) - 1).astype(np.intp)
    beyond = (at - low) * steps[low]
    beside = np.isfinite(reach[low])
    at[beside] = np.floor(at[beside] + 0.5)
    missing: Bits = (np.abs(beyond) > reach[low]) & (np.abs(steps[low] - beyond) > reach[low])
    return missing


def _places(home: Grid, grid: Grid, offset_mm: float = 0.0, box: Box = ALL) -> Floats:
    """(3, rows, columns) indices on `home` of the pixels of the one slice of `grid`, rounded alike everywhere.

    box: of these rows and columns only.
    """
    rows, columns = np.meshgrid(np.arange(grid.shape[1])[box[0]], np.arange(grid.shape[2])[box[1]], indexing="ij")
    points = grid.points(np.stack([np.zeros_like(rows), rows, columns], -1)) + offset_mm * grid.normal
    places: Floats = np.moveaxis(home.indices(points).round(6), -1, 0)
    return places


def cut(mask: Mask, home: Grid, grid: Grid) -> Bits | None:
    """Where a region's voxels are cut by a section; None where they are not, or have another frame of reference.

    Where slices are missing there is nothing of it: as in `sample`.
    """
    if home.frame_of_reference_uid != grid.frame_of_reference_uid or (
        not home.frame_of_reference_uid and home.shape[0] == 1
    ):
        return None
    box = _around(mask, home, grid)
    if box is None:
        return None
    places = _places(home, grid, box=box)
    at = np.floor(places + 0.5).astype(np.int64) - np.array(mask.low)[:, None, None]
    inside = ((at >= 0) & (at < np.array(mask.crop.shape)[:, None, None])).all(axis=0)
    if home.gaps:
        inside &= ~_leave_gaps(places[0], home)
    found = np.zeros(grid.shape[1:], bool)
    found[box][inside] = mask.crop[tuple(at[:, inside])]
    return found if found.any() else None


def _around(mask: Mask, home: Grid, grid: Grid) -> Box | None:
    """The rows and columns of the one slice of `grid` within which it cuts a mask's box; None where it does not."""
    if not mask.crop.size:
        return None
    low, high = np.array(mask.low) - 0.5, np.array(mask.high) - 0.5
    levels = np.unique([low[0], *range(mask.low[0], mask.high[0]), high[0]])  # slices may lie unevenly
    corners = np.array([(k, j, i) for k in levels for j in (low[1], high[1]) for i in (low[2], high[2])])
    off = home.points(corners) - grid.origins[0]
    steps = np.stack([grid.row_step, grid.column_step])
    places = off @ steps.T / (steps * steps).sum(axis=1)
    depths = off @ grid.normal
    if depths.min() > SLACK or depths.max() < -SLACK:
        return None
    first = np.maximum(np.floor(places.min(axis=0) - SLACK).astype(int), 0)
    last = np.minimum(np.ceil(places.max(axis=0) + SLACK).astype(int) + 1, grid.shape[1:])
    if (first >= last).any():
        return None
    return slice(int(first[0]), int(last[0])), slice(int(first[1]), int(last[1]))


def _refuse_incomparable(series: Series, other: Series) -> None:
    """InputError unless a difference means something."""
    reason = incomparable(series, other)
    if reason:
        remedy = "subtract the same T1 sequence before contrast"
        raise InputError(f"not comparable: {reason}", f"{series.title} − {other.title}", remedy)
