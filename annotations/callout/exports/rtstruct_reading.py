"""RT structure sets read: each ROI's closed contours filled on the slices in whose planes they lie.

A voxel belongs to an ROI where its centre lies inside or on its contours (PS3.3 C.8.8.6.3). Of several contours on a
slice one inside another is a hole, and one in that an island again: so the standard has it for CLOSEDPLANAR_XOR, and
so most programs mean it that write CLOSED_PLANAR. Keyholes leave no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.loaded import LARGEST_VOXELS, LoadedFile, LoadedMask, reading
from callout.exports.structure_set import Contour, Image, Roi, rois_in
from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.contours import Floats, Indices, filled
from callout.volume import Series

ON_PLANE_MM = 0.05  # a contour lies on a slice when no point is further off, or than this part of the slice distance:
ON_PLANE_PART = 0.02
BEYOND = 0.6  # of a voxel; contours along the edges of the outermost voxels don't reach beyond the images
MOST_STEPS = 100_000_000  # of all contours along rows and columns; real files take a hundredth of it
MOST_FILLED = 1 << 31  # voxels of all slices' boxes that contours are filled in
MOST_PLANES = 10_000
WHAT, REMEDY = "not an RT structure set that can be read", "export it again"


def read_structure_set(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every ROI with closed contours, on the stack whose images they name, else the one in whose planes they lie.

    An ROI that lies in other planes gets a grid of its own: it fits no series, and can be drafted on one. What is not
    closed, or reaches beyond the images, is told.

    Raises InputError for files that are no structure set, contradict themselves, hold more than anyone draws, or whose
    ROIs belong to none or several of `series`.
    """
    with reading(path, WHAT, REMEDY):
        rois, notes = rois_in(path)
        filling, stacks = Filling(), _stacks_of_images(series)
        masks = []
        for roi in rois:
            by_stack = _by_stack(roi, series, stacks)
            for n, contours in by_stack.items():
                masks.append(filling.mask(roi, series[n].grid, series[n].series_uid, contours))
                notes += _misnamed(masks[-1], series[n])
            if len(by_stack) > 1 and not roi.facts["tracking_uid"]:  # so that it becomes one finding
                uid = _new_uid()
                masks[-len(by_stack) :] = [replace(one, tracking_uid=uid) for one in masks[-len(by_stack) :]]
        return LoadedFile.of(masks, [*notes, *filling.notes, *_empty(rois)])


def regions_of(path: Path, home: Grid) -> LoadedFile:
    """Every ROI on one grid, whatever images it names; sources: those that it names."""
    with reading(path, WHAT, REMEDY):
        rois, notes = rois_in(path)
        filling = Filling()
        masks = [
            filling.mask(roi, home, ", ".join(sorted(roi.series_uids)), roi.contours) for roi in rois if roi.contours
        ]
        return LoadedFile.of(masks, [*notes, *filling.notes, *_empty(rois)])


def _empty(rois: Sequence[Roi]) -> list[str]:
    return [f"{roi.number} {roi.name}: it has no closed contour" for roi in rois if not roi.contours]


def _new_uid() -> str:
    from pydicom.uid import generate_uid

    return str(generate_uid(None))


def _misnamed(mask: LoadedMask, series: Series) -> list[str]:
    """What to tell where contours name other images than those in whose planes they lie."""
    images = [one.sop_instance_uid for one in series.instances]
    if not mask.sources or mask.grid.shape != series.grid.shape:
        return []
    named = ((k, name.partition("#")[0]) for k, name in mask.sources.items())
    wrong = sum(uid in images and uid != images[k] for k, uid in named)
    where = f"{mask.number} {mask.name}: on {wrong} slices"
    return [f"{where} another image is named (ContourImageSequence) than lies there; the place counts"] if wrong else []


def _by_stack(roi: Roi, series: Sequence[Series], stacks: Mapping[Image, int]) -> dict[int, list[Contour]]:
    """The contours of an ROI by the index of the stack they belong to: by images they name, else by where they lie."""
    found: dict[int, list[Contour]] = {}
    rest = []
    for contour in roi.contours:
        named = stacks.get(contour.image) if contour.image else None
        if named is None:
            rest.append(contour)
        else:
            found.setdefault(named, []).append(contour)
    for n, contours in _by_place(roi, rest, series, [*found]).items():
        found.setdefault(n, []).extend(contours)
    return found


def _stacks_of_images(series: Sequence[Series]) -> dict[Image, int]:
    """The stack of each image, by UID and frame, and by UID alone where all its frames are of one stack."""
    found: dict[Image, int] = {}
    several = set()
    for n, one in enumerate(series):
        for instance in one.instances:
            found[instance.sop_instance_uid, instance.frame] = n
            if found.setdefault((instance.sop_instance_uid, None), n) != n:
                several.add(instance.sop_instance_uid)
    return {image: n for image, n in found.items() if image[1] is not None or image[0] not in several}


def _by_place(
    roi: Roi, contours: list[Contour], series: Sequence[Series], named: list[int]
) -> dict[int, list[Contour]]:
    """The contours by the stack in whose planes they lie: all in one, else each in the only one that it can.

    The stack is one of those that other contours name, else of the series that the ROI names, else of its frame of
    reference. Where contours lie in the planes of none, the first of these. InputError where none comes into question,
    or several.
    """
    if not contours:
        return {}
    frame = roi.frame_of_reference_uid
    candidates = named or [n for n, one in enumerate(series) if one.series_uid in roi.series_uids]
    candidates = candidates or [n for n, one in enumerate(series) if one.grid.frame_of_reference_uid == frame]
    if not candidates:
        what = f"ROI {roi.number} {roi.name} refers to none of the case's series (ReferencedFrameOfReferenceUID)"
        raise InputError(what, remedy="choose a structure set of this study")
    fitting = [{n for n in candidates if _slice_of(one, series[n].grid) is not None} for one in contours]
    common = set.intersection(*fitting)
    if len(common) > 1:
        ids = ", ".join(series[n].id for n in sorted(common))
        raise InputError(f"ROI {roi.number} {roi.name} fits several series", remedy=f"say --series, one of {ids}")
    if not common and all(len(one) == 1 for one in fitting):
        found: dict[int, list[Contour]] = {}
        for contour, (n,) in zip(contours, fitting, strict=True):
            found.setdefault(n, []).append(contour)
        return found
    return {common.pop() if common else candidates[0]: contours}


def _slice_of(contour: Contour, grid: Grid) -> int | None:
    """The slice in whose plane all points of a contour lie, or None."""
    heights = contour.points @ grid.normal
    k = int(np.abs(grid.slice_positions - heights.mean()).argmin())
    limit = max(ON_PLANE_MM, ON_PLANE_PART * grid.spacing[0])
    return k if np.abs(heights - grid.slice_positions[k]).max() <= limit else None


class Filling:
    """Masks made of a file's contours, as many as a real one has; `notes`: what to know of them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._steps = self._voxels = self._kept = 0

    def mask(self, roi: Roi, grid: Grid, series_uid: str, contours: Sequence[Contour]) -> LoadedMask:
        """The voxels inside of `contours`, on `grid`; on one of their own planes where they lie not on its slices."""
        slices = [_slice_of(one, grid) for one in contours]
        if None in slices:
            grid = _own_grid(roi, grid, contours)
            slices = [_slice_of(one, grid) for one in contours]
        by_slice: dict[int, list[Floats]] = {}
        sources: dict[int, str] = {}
        for one, k in zip(contours, slices, strict=True):
            if k is None:
                raise InputError(f"contours of ROI {roi.number} {roi.name} lie in no parallel, even planes")
            by_slice.setdefault(k, []).append(_on_slice(one, grid, k))
            if one.image:
                sources[k] = _merged(sources.get(k), one.image)
        grid = replace(grid, frame_of_reference_uid=roi.frame_of_reference_uid)
        mask = self._filled(roi, by_slice, grid.shape)
        return LoadedMask(roi.number, roi.name, mask, grid, **roi.facts, series_uid=series_uid, sources=sources)

    def _filled(self, roi: Roi, by_slice: Mapping[int, Sequence[Floats]], shape: tuple[int, int, int]) -> Mask:
        size = np.array(shape[1:])
        points = np.concatenate([polygon for polygons in by_slice.values() for polygon in polygons])
        if (points < -BEYOND).any() or (points > size - 1 + BEYOND).any():
            self.notes.append(f"{roi.number} {roi.name}: what reaches beyond the images is cut off")
        low, high = np.clip([points.min(axis=0) - 1, points.max(axis=0) + 2], 0, size).astype(int)
        first, last = min(by_slice), max(by_slice)
        rows, columns = (high - low).tolist()
        self._spend(by_slice, size, rows * columns, last + 1 - first)
        crop = np.zeros((last + 1 - first, rows, columns), bool)
        for k, polygons in by_slice.items():
            crop[k - first] = filled([polygon - low for polygon in polygons], (rows, columns))
        return Mask(shape, (first, int(low[0]), int(low[1])), crop).trimmed()

    def _spend(self, by_slice: Mapping[int, Sequence[Floats]], size: Indices, area: int, slices: int) -> None:
        """InputError where filling these contours, beside those before, takes more than any real file does."""
        for polygon in (np.clip(polygon, -1, size) for polygons in by_slice.values() for polygon in polygons):
            self._steps += int(np.abs(polygon - np.roll(polygon, 1, axis=0)).sum()) + len(polygon)
        self._voxels += area * len(by_slice)
        self._kept += area * slices
        if self._steps > MOST_STEPS or self._voxels > MOST_FILLED or self._kept > LARGEST_VOXELS:
            raise InputError("its contours are more than anyone draws", remedy="export fewer structures")


def _merged(held: str | None, image: Image) -> str:
    """The image that the contours of a slice name, as UID or UID#frame; all of them where they differ."""
    uid, frame = image
    name = f"{uid}#{frame}" if frame is not None else uid
    return name if held in (None, name) else f"{held}, {name}"


def _on_slice(contour: Contour, grid: Grid, k: int) -> Floats:
    """(row, column) (n, 2) of a contour in the plane of slice `k`."""
    offsets = contour.points - grid.origins[k]
    steps = np.stack([grid.row_step, grid.column_step], axis=1)
    found: Floats = offsets @ steps / (steps**2).sum(axis=0)
    return found


def _own_grid(roi: Roi, grid: Grid, contours: Sequence[Contour]) -> Grid:
    """An even grid in the planes of the contours, with rows and columns as those of `grid`.

    InputError where the contours lie not in planes parallel to the slices.
    """
    heights = [contour.points @ grid.normal for contour in contours]
    if max(float(np.ptp(one)) for one in heights) > 2 * ON_PLANE_MM:
        raise InputError(f"contours of ROI {roi.number} {roi.name} are not parallel to the slices of the series")
    planes = np.unique(np.round([one.mean() for one in heights], 3))
    steps = np.diff(planes)
    step = float(steps[steps > 2 * ON_PLANE_MM].min()) if (steps > 2 * ON_PLANE_MM).any() else grid.spacing[0] or 1.0
    count = round(float(planes[-1] - planes[0]) / step) + 1
    if count > MOST_PLANES:
        raise InputError(f"contours of ROI {roi.number} {roi.name} lie in planes that are no stack")
    places: npt.NDArray[np.float64] = planes[0] + np.arange(count) * step
    nearest = np.abs(grid.slice_positions - places[:, None]).argmin(axis=1)
    origins = grid.origins[nearest] + (places - grid.slice_positions[nearest])[:, None] * grid.normal
    return Grid((count, *grid.shape[1:]), origins, grid.row_step, grid.column_step)
