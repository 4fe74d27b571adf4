"""What an export has to mean: for every region its voxels, as points in the patient.

Where slices lie is read from the images' own headers with pydicom, not from the grid that the export was made on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom

from callout.case.contents import Contents
from callout.volume import Series

Bits = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
OFF_LATTICE_VOXELS = 0.02  # a voxel centre that is further off lies on another lattice


@dataclass(frozen=True, eq=False)
class Region:
    """One region: its number in every format, its name, and its mask (k, j, i)."""

    number: int
    name: str
    tracking_uid: str
    mask: Bits


@dataclass(frozen=True, eq=False)
class Truth:
    """The regions of one stack, and where its voxels lie (LPS, mm).

    origins: (slices, 3), the centre of each slice's first voxel; down, across: (3,) to the next row and column.
    images: for each slice what a viewer knows of it: see cornerstone.mjs.
    """

    series: Series
    origins: Floats
    down: Floats
    across: Floats
    images: tuple[Mapping[str, Any], ...]
    regions: tuple[Region, ...]

    @property
    def normal(self) -> Floats:
        normal = np.cross(self.across, self.down)
        unit: Floats = normal / np.linalg.norm(normal)
        return unit

    @property
    def steps(self) -> Floats:
        """(slices − 1,) mm from slice to slice along the normal."""
        steps: Floats = np.abs(np.diff(self.origins @ self.normal))
        return steps

    @property
    def is_tilted(self) -> bool:
        """Whether the slices are shifted against each other in their plane, as a tilted gantry does it."""
        shift = np.diff(self.origins, axis=0)
        return bool(len(shift)) and bool(np.abs(shift - np.outer(shift @ self.normal, self.normal)).max() > 0.01)

    @property
    def is_uneven(self) -> bool:
        return bool(self.steps.size) and bool(np.ptp(self.steps) > 0.02)

    @property
    def is_axial(self) -> bool:
        """Whether slices are axial to the letter: rows along x, columns along y."""
        return bool(abs(self.normal[2]) > 0.99999)

    @property
    def is_anonymous(self) -> bool:
        """Whether the images lack the UIDs by which every DICOM object refers to them."""
        return not all(image["uid"] and image["series"] for image in self.images)

    @property
    def overlaps(self) -> bool:
        return bool((sum(one.mask.astype(np.uint16) for one in self.regions) > 1).any())

    def points(self, indices: npt.NDArray[np.integer]) -> Floats:
        """(n, 3) LPS mm of (n, 3) indices (k, j, i)."""
        k, j, i = indices.T
        places: Floats = self.origins[k] + j[:, None] * self.down + i[:, None] * self.across
        return places

    def indices(self, points: Floats) -> Floats:
        """(n, 3) of (k, j, i) with fractions that points (n, 3) in LPS mm lie at; k is that of the nearest slice."""
        heights, along = self.origins @ self.normal, points @ self.normal
        order = np.argsort(heights)
        low = np.clip(np.searchsorted(heights[order], along), 1, max(len(order) - 1, 1)) if len(order) > 1 else None
        if low is None:
            nearest = np.zeros(len(points), np.intp)
        else:
            pair = np.stack([order[low - 1], order[low]])
            nearest = np.take_along_axis(pair, np.abs(heights[pair] - along).argmin(0)[None], 0)[0]
        offset = points - self.origins[nearest]
        step = float(np.median(self.steps)) if self.steps.size else 1.0
        k = nearest + offset @ self.normal / step
        j = offset @ self.down / (self.down @ self.down)
        i = offset @ self.across / (self.across @ self.across)
        return np.stack([k, j, i], axis=1)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a peer found in one region: the points of its voxels, LPS mm (n, 3), and the name it shows ("": none).

    note: a known fault of the peer that was allowed for.
    """

    points: Floats
    name: str = ""
    note: str = ""

    @classmethod
    def of_volume(cls, mask: Bits, affine: npt.ArrayLike, name: str = "") -> Reading:
        """From a volume: an affine (4×4) takes its indices, in the order of the mask's axes, to LPS mm."""
        matrix = np.asarray(affine, np.float64)
        return cls(np.argwhere(mask) @ matrix[:3, :3].T + matrix[:3, 3], name)


def truths(case: Contents) -> dict[str, Truth]:
    """For each stack of an open case that has voxels in regions: the truth of it, by its id."""
    order = {finding.id: n for n, finding in enumerate(case.findings)}
    found = {}
    for series in case.series:
        regions = []
        for region in sorted((r for r in case.regions if r.series_id == series.id), key=lambda r: order[r.finding_id]):
            finding, mask = case.finding(region.finding_id), case.mask(region)
            if mask.any():
                regions.append(Region(len(regions) + 1, finding.label, finding.tracking_uid, mask))
        if regions:
            found[series.id] = _truth(series, tuple(regions))
    return found


def _truth(series: Series, regions: tuple[Region, ...]) -> Truth:
    headers = {one.path: pydicom.dcmread(one.path, stop_before_pixels=True) for one in series.instances}
    first = headers[series.instances[0].path]
    plain = all("ImagePositionPatient" in one for one in headers.values())
    if plain and len(headers) == len(series.instances):
        origins = np.array([headers[one.path].ImagePositionPatient for one in series.instances], np.float64)
        cosines = np.array(first.ImageOrientationPatient, np.float64)
        down, across = (float(mm) for mm in first.get("PixelSpacing", (1, 1)))
        steps = cosines[3:] * down, cosines[:3] * across
    else:  # many images in a file: what its reader made of them
        origins, steps = series.grid.origins, (series.grid.row_step, series.grid.column_step)
    images = tuple(_image(series, k, headers, origins, steps) for k in range(len(origins)))
    return Truth(series, origins, *steps, images, regions)


def _image(
    series: Series, k: int, headers: Mapping[str, pydicom.Dataset], origins: Floats, steps: tuple[Floats, Floats]
) -> dict[str, Any]:
    one, header = series.instances[k], headers[series.instances[k].path]
    down, across = steps
    frames = int(header.get("NumberOfFrames", 1))
    uid = str(header.get("SOPInstanceUID", ""))
    return {
        "id": f"wadouri:{uid}?frame={one.frame}" if frames > 1 else f"wadouri:{uid}",
        "uid": uid,
        "frames": frames,
        "series": str(header.get("SeriesInstanceUID", "")),
        "modality": series.modality,
        "frame_of_reference": str(header.get("FrameOfReferenceUID", "")),
        "rows": series.grid.shape[1],
        "columns": series.grid.shape[2],
        "position": origins[k].tolist(),
        "orientation": [*(across / np.linalg.norm(across)), *(down / np.linalg.norm(down))],
        "spacing": [float(np.linalg.norm(down)), float(np.linalg.norm(across))],
    }


def differences(truth: Truth, readings: Mapping[int, Reading], *, least_dice: float | None = None) -> list[str]:
    """What a peer read otherwise than it is; empty when every region is the same voxels at the same places.

    least_dice: for contours, regions of 300 voxels or more have to reach it; smaller ones, and a peer's own choice at
    the edges, are not judged.
    """
    wrong = [f"{number} is not in the case" for number in sorted(readings.keys() - {r.number for r in truth.regions})]
    for region in truth.regions:
        reading = readings.get(region.number)
        if reading is None:
            wrong.append(f"{region.number} is missing")
            continue
        wrong += [f"{region.number}: {text}" for text in _compare(truth, region, reading, least_dice)]
    return wrong


def _compare(truth: Truth, region: Region, reading: Reading, least_dice: float | None) -> list[str]:
    wrong = []
    if reading.name and not same_name(region.name, reading.name):
        wrong.append(f"is called {reading.name!r}, not {region.name!r}")
    places = truth.indices(reading.points)
    whole = np.rint(places).astype(np.int64)
    inside = ((whole >= 0) & (whole < region.mask.shape)).all(axis=1)
    found = np.zeros_like(region.mask)
    found[tuple(whole[inside].T)] = True
    dice = 2 * np.count_nonzero(found & region.mask) / (np.count_nonzero(found) + np.count_nonzero(region.mask))
    off = float(np.abs(places - whole).max()) if len(places) else 0.0
    if least_dice is not None:
        if np.count_nonzero(region.mask) >= 300 and (dice < least_dice or not inside.all()):
            wrong.append(f"Dice {dice:.4f}")
        return wrong
    if off > OFF_LATTICE_VOXELS:
        wrong.append(f"voxels lie {off:.2f} voxels off")
    missing = np.count_nonzero(region.mask & ~found)
    more = np.count_nonzero(found & ~region.mask) + np.count_nonzero(~inside)
    if missing or more:
        wrong.append(f"{missing} voxels missing, {more} too many (Dice {dice:.4f})")
    elif len(whole) != np.count_nonzero(found):
        wrong.append(f"{len(whole) - np.count_nonzero(found)} voxels are there twice")
    return wrong


def same_name(wanted: str, found: str) -> bool:
    """Whether a name is what was given, or what fits of it: 64 characters, no backslash (PS3.5 6.2, LO); a name that
    is there twice may have a number behind it."""
    found = re.sub(r" \(\d+\)$", "", found)
    wanted = " ".join(wanted.replace("\\", " ").split())
    found = " ".join(found.replace("\\", " ").split())
    return found == wanted or (len(wanted) > 64 and len(found) >= 16 and wanted.startswith(found.rstrip("….~ ")))


def receipt_differences(truth: Truth, entry: Mapping[str, Any]) -> list[str]:
    """What the receipt says of one file otherwise than it is (name, voxels and the bits of each region)."""
    wrong = []
    known = {region.number: region for region in truth.regions}
    for told in entry.get("regions", ()):
        if "box" not in told or told.get("series_id", truth.series.id) != truth.series.id:
            continue  # a table's cells, or of another stack
        region = known[told["number"]]
        low, high = np.argwhere(region.mask).min(0), np.argwhere(region.mask).max(0) + 1
        bits = np.packbits(region.mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))])
        said = (told["name"], told["voxels"], told["box"], told["sha256"], told["tracking_uid"])
        digest = hashlib.sha256(bits.tobytes()).hexdigest()
        box = [low.tolist(), high.tolist()]
        if said != (region.name, np.count_nonzero(region.mask), box, digest, region.tracking_uid):
            wrong.append(f"{region.number}: the receipt says otherwise")
    return wrong
