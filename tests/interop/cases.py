"""The cases whose exports go to the peers: made series of every shape, both samples, and real series."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import made_series
import numpy as np
import numpy.typing as npt
from made_stacks import SCANS, Scan
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.cli.demo import SAMPLES, sample_folder
from callout.errors import CalloutError
from callout.exports import import_masks

Bits = npt.NDArray[np.bool_]
ROWS, COLUMNS, HEIGHTS = 44, 36, tuple(2.5 * k for k in range(13))
MOST_STACKS = 4  # of one real set
LONG = "cavitating lesion of the right upper lobe with a thick nodular wall and an air-fluid level, second of three"
REAL_MASKS = {  # masks that come with real series, as findings
    "ibsi_sts_003_ct_mr_rtstruct_nifti": ("nifti/*mask*", "nifti/*/*mask*", "dicom/*/mask/*"),
    "dcmqi_seg_ct3": ("liver.dcm", "partial_overlaps.dcm"),
    "sts001_mr_t1_t2fs_rtstruct": ("*/rtstruct/*",),
    "totalseg_ct_j2k20": ("reference/*",),
}
NOT_A_STACK = ("dcmqi_seg_ct3/24x38x3", "dcmqi_seg_ct3/23x38x3", "dcmqi_seg_ct3/sr-example")


@dataclass(frozen=True)
class Made:
    """A case to be made: its name, and what makes it in a folder.

    refused: the masks of a real set that did not come in, and why; known once it is made.
    """

    name: str
    make: Callable[[Path], Case]
    refused: list[str] = field(default_factory=list)


def all_cases() -> Iterator[Made]:
    """Every case: made ones, samples, and real ones where CALLOUT_DATA names them."""
    for scan in (*SCANS, "anisotropic", "odd size", "one slice"):
        yield Made(f"made: {scan}", lambda folder, scan=scan: _drawn(folder, scan, apart))
    for scan in ("axial", "oblique", "tilted gantry"):
        yield Made(f"made: {scan}, overlapping", lambda folder, scan=scan: _drawn(folder, scan, overlapping))
    yield Made("made: one region", lambda folder: _drawn(folder, "axial", lambda shape: apart(shape)[:1]))
    yield Made("made: names", lambda folder: _drawn(folder, "axial", named))
    for sample in SAMPLES:
        yield Made(f"sample: {sample}", lambda folder, sample=sample: _sample(folder, sample))
    data = os.environ.get("CALLOUT_DATA", "")
    for real in sorted(Path(data).iterdir()) if data else ():
        if real.is_dir():
            told: list[str] = []
            yield Made(f"real: {real.name}", lambda folder, real=real, told=told: _real(folder, real, told), told)


def _scan(name: str) -> tuple[Scan, tuple[float, float]]:
    """How the slices of a made series lie, and its PixelSpacing."""
    if name == "anisotropic":
        return Scan((1, 0, 0, 0, 1, 0), (0, 0, 1), tuple(6.0 * k for k in range(13))), (1.4, 0.35)
    if name == "one slice":
        return Scan((1, 0, 0, 0, 1, 0), (0, 0, 1), (0.0,)), (0.8, 0.7)
    how = SCANS.get(name, SCANS["axial"])
    uneven = tuple(np.cumsum([0, *(2.5, 2.5, 4.0, 5.0) * 3]).tolist())
    return Scan(how.cosines, how.along, uneven if name == "uneven" else HEIGHTS), (0.8, 0.7)


def _images(folder: Path, name: str) -> Path:
    """A series of ROWS × COLUMNS pixels, 13 slices (or one); complete as a scanner's is."""
    how, spacing = _scan(name)
    turn, columns = np.array(how.along), COLUMNS + (name == "odd size")  # frames that end within a byte

    def change(image: Dataset, k: int) -> None:
        position = np.array([-10.0, -20.0, 30.0]) + how.heights[k] * turn
        image.ImagePositionPatient = [round(float(mm), 6) for mm in position]
        image.ImageOrientationPatient = [round(float(part), 8) for part in how.cosines]
        image.PixelSpacing, image.SliceThickness = list(spacing), 2.5
        image.Rows, image.Columns = ROWS, columns
        image[0x7FE00010].value = made_series.pixels(k, ROWS, columns).tobytes()
        image.PatientSex, image.PatientBirthDate, image.StudyID = "O", "", "1"
        image.AccessionNumber = image.ReferringPhysicianName = image.PositionReferenceIndicator = ""
        image.Manufacturer, image.Laterality, image.PatientPosition = "Made", "", "HFS"

    made_series.series(folder, len(how.heights), change, name=name.replace(" ", "-"))
    return folder


def ball(shape: tuple[int, ...], centre: tuple[float, ...], radius: tuple[float, ...]) -> Bits:
    """An ellipsoid, centre and radii in parts of the shape."""
    places = np.indices(shape, dtype=np.float64)
    far = sum(
        ((at - c * (n - 1)) / max(r * n, 0.4)) ** 2 for at, c, r, n in zip(places, centre, radius, shape, strict=True)
    )
    mask: Bits = far <= 1
    return mask


def apart(shape: tuple[int, ...]) -> list[tuple[str, Bits]]:
    """Regions that do not overlap: a shell with an island in its hole, a block at the edge, voxels that touch by
    their corners, one voxel, and none."""
    shell = ball(shape, (0.35, 0.6, 0.33), (0.3, 0.27, 0.25)) & ~ball(shape, (0.35, 0.6, 0.33), (0.2, 0.16, 0.14))
    shell |= ball(shape, (0.35, 0.6, 0.33), (0.1, 0.05, 0.05))
    edge = np.zeros(shape, bool)
    edge[-max(shape[0] // 3, 1) :, : shape[1] // 4, -shape[2] // 4 :] = True
    corners, one = np.zeros(shape, bool), np.zeros(shape, bool)
    k, j, i = shape[0] // 2, shape[1] - 9, shape[2] - 7
    for n in range(5):
        corners[min(k + n, shape[0] - 1), j + n, i + n] = True
    one[0, 0, 0] = True
    return [
        ("cavity", shell & ~edge & ~corners),
        ("consolidation", edge),
        ("nodule", np.zeros(shape, bool)),
        ("nodule", corners & ~edge),
        ("lesion", one),
    ]


def overlapping(shape: tuple[int, ...]) -> list[tuple[str, Bits]]:
    """Those, and two that lie on them."""
    more = ball(shape, (0.5, 0.5, 0.5), (0.3, 0.3, 0.3))
    return [*apart(shape), ("mass", more), ("cavity", more & ball(shape, (0.4, 0.5, 0.4), (0.2, 0.2, 0.2)))]


def named(shape: tuple[int, ...]) -> list[tuple[str, Bits]]:
    """Balls in a row, for names."""
    return [("lesion", ball(shape, (0.5, 0.08 + 0.12 * n, 0.5), (0.4, 0.05, 0.4))) for n in range(len(NAMES))]


NAMES = ("größte Kaverne, Œdème", "空洞", LONG, LONG + ", again", "twice", "twice", "κοιλότητα \\ = | ^ ~ <b>&amp;")


def _drawn(folder: Path, scan: str, shapes: Callable[[tuple[int, ...]], list[tuple[str, Bits]]]) -> Case:
    case = callout.create_case(folder / "a.callout", _images(folder / "images", scan), reader="r1")
    draw(case, case.series[0].id, shapes)
    return case


def draw(case: Case, series_id: str, shapes: Callable[[tuple[int, ...]], list[tuple[str, Bits]]]) -> None:
    """Regions on one stack, a finding each."""
    grid = case.series_of(series_id).grid
    with case.one_edit("draw"):
        for n, (concept, mask) in enumerate(shapes(grid.shape)):
            name = {"name": NAMES[n]} if shapes is named else {}
            finding = case.add_finding(concept, laterality=(None, "left", "right")[n % 3], **name)
            case.set_mask(case.add_region(finding, series_id), mask)


def _sample(folder: Path, name: str) -> Case:
    sample = sample_folder(name)
    plan = tomllib.loads((sample / "demo.toml").read_text("utf-8"))
    case = callout.create_case(folder / "a.callout", sample / "images", sample / plan["report"], reader="r1")
    import_masks(case, *sorted(file for pattern in plan["masks"] for file in sample.glob(pattern)))
    return case


def _real(folder: Path, data: Path, refused: list[str]) -> Case:
    """A case on some of the stacks of a real set: its own masks where they lie on a stack, drawn ones elsewhere."""
    found = [one for one in callout.find_series(data) if one.grid.shape[0] > 2 and min(one.grid.shape[1:]) > 15]
    found = [one for one in found if not any(name in one.instances[0].path for name in NOT_A_STACK)]
    patients: dict[str, list[callout.Series]] = {}
    for one in found:
        patients.setdefault(one.study_uid, []).append(one)
    if not patients:
        raise NoStack(data.name)
    chosen = [stack for stacks in patients.values() for stack in stacks][:MOST_STACKS]
    paths = [Path(one.path) for stack in chosen for one in stack.instances]
    case = callout.create_case(folder / "a.callout", paths, reader="r1", same_patient=True)
    for mask in sorted(file for pattern in REAL_MASKS.get(data.name, ()) for file in data.glob(pattern)):
        try:
            import_masks(case, mask)
        except CalloutError as error:
            refused.append(f"{mask.relative_to(data)}: {error.what}")
    for stack in case.series:
        if not any(region.series_id == stack.id for region in case.regions) and stack.grid.shape[0] > 2:
            draw(case, stack.id, apart)
    return case


class NoStack(Exception):
    """A set that has no stack to draw on."""
