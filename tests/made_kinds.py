"""Series that hold several stacks, as scanners of several makers write them, and what each stack is called.

Voxel values tell images apart: those of image n are `pixels(n)`, times one rescale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from made_frames import enhanced
from made_series import image, pixels, uid, write
from pydicom.dataset import Dataset

Axial = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass
class Slice:
    """One image: where it lies, and the attributes that it has besides; private ones as (group, creator): {…}."""

    position: tuple[float, float, float]
    facts: dict[str, Any] = field(default_factory=dict)
    private: dict[tuple[int, str], dict[int, tuple[str, Any]]] = field(default_factory=dict)
    orientation: tuple[float, ...] = Axial


@dataclass(frozen=True)
class Kind:
    """A kind of series. labels: what stands after # for each of its stacks, sorted; sets: how many display sets."""

    name: str
    slices: Callable[[], Iterable[Slice]]
    labels: tuple[str, ...]
    modality: str = "MR"
    maker: str = "SIEMENS"
    sets: int | None = None


def data_sets(kind: Kind) -> Iterator[Dataset]:
    """The images of a kind, in the order in which they were made."""
    for n, one in enumerate(kind.slices()):
        data_set = image(n, kind.name, kind.modality)
        data_set.Manufacturer = kind.maker
        data_set.ImagePositionPatient = [f"{mm:.6f}"[:16] for mm in one.position]
        data_set.ImageOrientationPatient = [f"{part:.9f}"[:16] for part in one.orientation]
        data_set.PixelData = pixels(n).tobytes()
        for keyword, value in one.facts.items():
            setattr(data_set, keyword, value)
        for (group, creator), elements in one.private.items():
            block = data_set.private_block(group, creator, create=True)
            for element, (vr, value) in elements.items():
                block.add_new(element, vr, value)
        yield data_set


def make(kind: Kind, folder: Path) -> Path:
    """Writes the series, its files in an order that tells nothing."""
    for n, data_set in enumerate(data_sets(kind)):
        write(data_set, folder / f"{n * 7919 % 1009:04}.dcm")
    return folder


def make_enhanced(kind: Kind, folder: Path) -> Path:
    """Writes the series as one multi-frame file; private elements and what no group here holds are lost."""
    data_set = enhanced(list(data_sets(kind)))
    data_set.Manufacturer = kind.maker
    write(data_set, folder / "enhanced.dcm")
    return folder


def up(count: int, step: float = 5.0, start: float = 0.0) -> Iterator[tuple[float, float, float]]:
    return ((-10.0, -20.0, start + step * k) for k in range(count))


def clock(seconds: float) -> str:
    return f"{10 + int(seconds // 3600):02}{int(seconds // 60) % 60:02}{seconds % 60:09.6f}"


def echoes_magnitude_and_phase() -> Iterator[Slice]:
    for kind in ("M", "P"):
        for echo, jitter in ((4.92, 0.001), (7.38, 0.0)):
            for k, place in enumerate(up(4)):
                yield Slice(place, {"EchoTime": echo + jitter * k, "ImageType": ["ORIGINAL", "PRIMARY", kind, "ND"]})


def siemens_diffusion() -> Iterator[Slice]:
    gradients = (None, (0.707, 0.707, 0.0), (0.0, 0.6, 0.8), None, (0.8, 0.0, -0.6))
    for volume, gradient in enumerate(gradients):
        for k, place in enumerate(up(3)):
            elements: dict[int, tuple[str, Any]] = {0x0C: ("IS", "1000" if gradient else "0")}
            if gradient:
                elements[0x0E] = ("FD", list(gradient))
            facts = {"AcquisitionTime": clock(4.0 * volume + k % 2), "AcquisitionNumber": volume + 1, "EchoTime": 90}
            yield Slice(place, facts, {(0x0019, "SIEMENS MR HEADER"): elements})


def ge_diffusion() -> Iterator[Slice]:
    gradients = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    for volume, gradient in enumerate(gradients):
        for place in up(3):
            b_value = [1000000000 + 800 if volume else 0, 8, 0, 0]
            private: dict[tuple[int, str], dict[int, tuple[str, Any]]] = {
                (0x0019, "GEMS_ACQU_01"): {0xBB + n: ("DS", f"{part:.6f}") for n, part in enumerate(gradient)},
                (0x0043, "GEMS_PARM_01"): {0x39: ("IS", b_value)},
            }
            yield Slice(place, {"EchoTime": 80}, private)


def philips_diffusion() -> Iterator[Slice]:
    volumes = ((0.0, None), (800.0, (1.0, 0.0, 0.0)), (800.0, (0.0, 1.0, 0.0)), (800.0, None))
    for b_value, gradient in volumes:
        for place in up(3):
            facts: dict[str, Any] = {"DiffusionBValue": b_value, "AcquisitionNumber": 4}
            if gradient:
                facts["DiffusionGradientOrientation"] = list(gradient)
            yield Slice(place, facts, {(0x2001, "Philips Imaging DD 001"): {0x03: ("FL", b_value)}})


def philips_complex() -> Iterator[Slice]:
    for kind in "MPRI":
        for place in up(3):
            yield Slice(place, {"ImageType": ["ORIGINAL", "PRIMARY", f"{kind}_FFE", kind, "FFE"], "EchoTime": 4.6})


def ge_complex() -> Iterator[Slice]:
    for number in range(4):
        for place in up(3):
            yield Slice(place, {"EchoTime": 20}, {(0x0043, "GEMS_PARM_01"): {0x2F: ("SS", number)}})


def dixon() -> Iterator[Slice]:
    for kind in ("WATER", "FAT", "IN_PHASE", "OUT_PHASE"):
        for place in up(3):
            yield Slice(place, {"ImageType": ["DERIVED", "PRIMARY", "DIXON", kind]})


def ge_function() -> Iterator[Slice]:
    """No time points in the header: TriggerTime grows with every slice."""
    for volume in range(4):
        for k, place in enumerate(up(3)):
            yield Slice(place, {"InstanceNumber": 3 * volume + k + 1, "TriggerTime": 2000 * volume + 600 * k})


def canon_dynamic() -> Iterator[Slice]:
    for volume in range(3):
        for k, place in enumerate(up(4)):
            yield Slice(place, {"AcquisitionTime": clock(20 * volume + 0.5 * k), "AcquisitionNumber": 1})


def perfusion_cut_short() -> Iterator[Slice]:
    for volume in range(3):
        for place in up(4 if volume < 2 else 2):
            yield Slice(place, {"TemporalPositionIdentifier": volume + 1})


def numbered_only() -> Iterator[Slice]:
    for volume in range(2):
        for k, place in enumerate(up(4)):
            yield Slice(place, {"InstanceNumber": 4 * volume + k + 1})


def cine() -> Iterator[Slice]:
    """Every slice has a heart rate of its own, and is taken in all phases before the next."""
    for k, place in enumerate(up(3, 8)):
        for phase in range(4):
            moment = 100 * k + phase * (40 + 9 * k)
            facts = {"TriggerTime": phase * (40 + 9 * k), "AcquisitionTime": clock(moment / 10)}
            yield Slice(place, facts)


def cardiac_ct() -> Iterator[Slice]:
    for percent in (40, 75):
        for place in up(4, 0.6):
            yield Slice(place, {"NominalPercentageOfCardiacPhase": percent})


def three_phases_cut_short() -> Iterator[Slice]:
    for phase in (1, 2, 3):
        for k, place in enumerate(up(5 if phase < 3 else 3)):
            yield Slice(place, {"AcquisitionNumber": phase, "AcquisitionTime": clock(40 * phase + 0.2 * k)})


def phases_a_little_apart() -> Iterator[Slice]:
    for phase in (1, 2):
        for place in up(5, 5, 0.4 * phase):
            yield Slice(place, {"AcquisitionNumber": phase})


def passes_a_little_apart() -> Iterator[Slice]:
    for number in range(3):
        for k, place in enumerate(up(4, 5, 0.03 * number)):
            yield Slice(place, {"AcquisitionTime": clock(30 * number + k)})


def helical_in_two_halves() -> Iterator[Slice]:
    for k, place in enumerate(up(8, 2.5)):
        yield Slice(place, {"AcquisitionNumber": 1 + k // 4, "AcquisitionTime": clock(k)})


def odd_and_even_slices() -> Iterator[Slice]:
    for k, place in enumerate(up(8)):
        yield Slice(place, {"AcquisitionNumber": 1 + k % 2, "AcquisitionTime": clock(30 * (k % 2) + k)})


def step_and_shoot() -> Iterator[Slice]:
    for k, place in enumerate(up(5)):
        yield Slice(place, {"AcquisitionNumber": k + 1, "AcquisitionTime": clock(k)})


def turned(angle: float) -> tuple[float, ...]:
    return (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))


def discs() -> Iterator[Slice]:
    """The lowest is at more than 30° to the axial plane."""
    for disc, angle in enumerate((0.0, -0.1, -0.2, -0.6)):
        for k in range(3):
            normal = np.cross(turned(angle)[:3], turned(angle)[3:])
            place = np.array([-10, 15.0 * disc, -35.0 * disc]) + 4.0 * k * normal
            yield Slice((float(place[0]), float(place[1]), float(place[2])), orientation=turned(angle))


def parallel_blocks() -> Iterator[Slice]:
    for block, back in enumerate((0.0, 12.0, 20.0)):
        for k in range(4):
            yield Slice((-10, back, -40.0 * block + 4 * k), {"AcquisitionNumber": block + 1})


def two_tilts() -> Iterator[Slice]:
    for k, (x, y, z) in enumerate(up(10)):
        tilt = 0.3 if k < 5 else 0.0
        yield Slice((x, y, z), {"GantryDetectorTilt": np.degrees(tilt)}, orientation=turned(tilt))


def shear_that_changes() -> Iterator[Slice]:
    for k, (x, y, z) in enumerate(up(10)):
        yield Slice((x, y + 0.27 * 5 * max(0, k - 4), z))


def both_knees() -> Iterator[Slice]:
    for x in (-110.0, 20.0):
        for k in range(4):
            yield Slice((x, 0, 4.0 * k), {"AcquisitionNumber": 1})


def localizer() -> Iterator[Slice]:
    planes = (Axial, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (1.0, 0.0, 0.0, 0.0, 0.0, -1.0))
    for n, plane in enumerate(planes):
        normal = np.cross(plane[:3], plane[3:])
        for k in range(3):
            x, y, z = (float(mm) for mm in np.array([-100.0 + n, -100, 100]) + 12 * k * normal)
            yield Slice((x, y, z), {"ImageType": ["ORIGINAL", "PRIMARY", "M"]}, orientation=plane)


def scout_in_the_scan() -> Iterator[Slice]:
    for k, place in enumerate(up(5)):
        yield Slice(place, {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER" if k == 4 else "AXIAL"]})


def two_frames_of_reference() -> Iterator[Slice]:
    for n in range(2):
        for place in up(3, 5, 7.0 * n):
            yield Slice(place, {"FrameOfReferenceUID": uid("frame", n)})


def rounded_by_files() -> Iterator[Slice]:
    """Orientations and positions that a millionth, and a few micrometres, set apart."""
    for k, (x, y, z) in enumerate(up(6)):
        cos, sin = np.cos(0.2), np.sin(0.2) + 2e-4 * (k % 2)
        yield Slice((x, y + 0.001 * (k % 3), z - 0.001 * (k % 2)), orientation=(1, 0, 0, 0, float(cos), float(sin)))


def passes_over_midnight() -> Iterator[Slice]:
    for n in range(15):
        time, date = ("235940", "20260102") if n < 7 else ("000001", "20260103")
        facts = {"AcquisitionTime": f"{time}.{n:02}", "AcquisitionDate": date}
        yield Slice((-10, -20, 5.0 * (n % 5)), facts)


def table_to_and_fro() -> Iterator[Slice]:
    """Two places of the table in turn, each visit with a number of its own."""
    for n in range(24):
        visit = n // 4
        facts = {"AcquisitionNumber": visit + 1, "AcquisitionTime": clock(1.5 * visit)}
        yield Slice((-10, -20, 5.0 * (n % 8)), facts)


def both_jaw_joints() -> Iterator[Slice]:
    """Two narrow blocks of thin slices far apart, none of them a phase of another."""
    for n in range(18):
        place = 3.0 * (n % 9) + 95.0 * (n // 9)
        facts = {"AcquisitionTime": clock(n), "SliceThickness": 3}
        yield Slice((place, -10, 20), facts, orientation=(0.0, 1.0, 0.0, 0.0, 0.0, -1.0))


def blocks_that_overlap() -> Iterator[Slice]:
    """Parallel blocks side by side, the lowest slices of one among the highest of the other."""
    for back in (0.0, 25.0):
        for k in range(8):
            yield Slice((-10, back, 5.0 * k + 1.32 * back))


def some_of_odd_and_even_missing() -> Iterator[Slice]:
    for k, place in enumerate(up(16)):
        if k not in (1, 14):
            yield Slice(place, {"AcquisitionNumber": 1 + k % 2})


def thick_slices_between() -> Iterator[Slice]:
    yield from (Slice(place, {"SliceThickness": 1}) for place in up(20, 1))
    yield from (Slice(place, {"SliceThickness": 5}) for place in up(4, 5, 2.5))


def projection_in_the_scan() -> Iterator[Slice]:
    yield from (Slice(place) for place in up(20, 1))
    yield Slice((-10, -20, 9.5), {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE"]})


def again_under_other_uids() -> Iterator[Slice]:
    yield from (Slice(place) for place in up(4))


KINDS = (
    Kind(
        "echoes", echoes_magnitude_and_phase, ("te=4.92,type=m", "te=4.92,type=p", "te=7.38,type=m", "te=7.38,type=p")
    ),
    Kind(
        "siemens diffusion",
        siemens_diffusion,
        (
            *("b=0,acquisition=1", "b=0,acquisition=4"),
            *("b=1000,direction=1", "b=1000,direction=2", "b=1000,direction=3"),
        ),
    ),
    Kind(
        "ge diffusion",
        ge_diffusion,
        ("b=0", "b=800,direction=1", "b=800,direction=2", "b=800,direction=3"),
        maker="GE MEDICAL SYSTEMS",
    ),
    Kind(
        "philips diffusion",
        philips_diffusion,
        ("b=0", "b=800,direction=1", "b=800,direction=2", "b=800,direction=none"),
        maker="Philips Medical Systems",
    ),
    Kind(
        "philips complex",
        philips_complex,
        ("type=i_ffe-i", "type=m_ffe-m", "type=p_ffe-p", "type=r_ffe-r"),
        maker="Philips",
    ),
    Kind(
        "ge complex",
        ge_complex,
        ("component=imaginary", "component=magnitude", "component=phase", "component=real"),
        maker="GE MEDICAL SYSTEMS",
    ),
    Kind("dixon", dixon, ("type=fat", "type=in_phase", "type=out_phase", "type=water")),
    Kind("ge function", ge_function, ("pass=1", "pass=2", "pass=3", "pass=4"), maker="GE MEDICAL SYSTEMS"),
    Kind("canon dynamic", canon_dynamic, ("pass=1", "pass=2", "pass=3"), maker="CANON_MEC"),
    Kind("perfusion cut short", perfusion_cut_short, ("phase=1", "phase=2", "phase=3")),
    Kind("numbered only", numbered_only, ("pass=1", "pass=2")),
    Kind("cine", cine, ("pass=1", "pass=2", "pass=3", "pass=4")),
    Kind("cardiac CT", cardiac_ct, ("cardiac=40", "cardiac=75"), "CT"),
    Kind(
        "three phases cut short",
        three_phases_cut_short,
        ("acquisition=1", "acquisition=2", "acquisition=3"),
        "CT",
        "TOSHIBA",
    ),
    Kind("phases a little apart", phases_a_little_apart, ("acquisition=1", "acquisition=2"), "CT"),
    Kind("passes a little apart", passes_a_little_apart, ("pass=1", "pass=2", "pass=3")),
    Kind("helical in two halves", helical_in_two_halves, ("",), "CT", "GE MEDICAL SYSTEMS"),
    Kind("odd and even slices", odd_and_even_slices, ("",)),
    Kind("step and shoot", step_and_shoot, ("",), "CT", "TOSHIBA"),
    Kind("discs", discs, ("axial-1", "axial-2", "axial-3", "oblique"), sets=1),
    Kind("parallel blocks", parallel_blocks, ("block-1", "block-2", "block-3"), sets=1),
    Kind("two tilts", two_tilts, ("axial-1", "axial-2"), "CT", sets=1),
    Kind("shear that changes", shear_that_changes, ("block-1", "block-2"), "CT", sets=1),
    Kind("both knees", both_knees, ("field=1", "field=2")),
    Kind("passes over midnight", passes_over_midnight, ("pass=1", "pass=2", "pass=3")),
    Kind("table to and fro", table_to_and_fro, ("pass=1", "pass=2", "pass=3"), "CT"),
    Kind("both jaw joints", both_jaw_joints, ("",)),
    Kind("blocks that overlap", blocks_that_overlap, ("block-1", "block-2"), sets=1),
    Kind("some of odd and even missing", some_of_odd_and_even_missing, ("",)),
    Kind("thick slices between", thick_slices_between, ("thickness=1", "thickness=5"), "CT"),
    Kind("projection in the scan", projection_in_the_scan, ("type=m", "type=projection image")),
    Kind("localizer", localizer, ("axial", "coronal", "sagittal")),
    Kind("scout in the scan", scout_in_the_scan, ("images", "localizer"), "CT"),
    Kind("two frames of reference", two_frames_of_reference, ("frame-1", "frame-2")),
    Kind("rounded by files", rounded_by_files, ("",)),
)


def stack(*heights: float, orientation: tuple[float, ...] = Axial, along: Any = None, **facts: Any) -> Any:
    """Slices at heights along a direction, the normal if none is given."""
    way = np.cross(orientation[:3], orientation[3:]) if along is None else np.array(along)

    def slices() -> Iterator[Slice]:
        for height in heights:
            x, y, z = (float(mm) for mm in np.array([-12.5, 31.25, -77.0]) + height * way)
            yield Slice((x, y, z), dict(facts), orientation=orientation)

    return slices


EVEN, Z = (0.0, 2.5, 5.0, 7.5, 10.0), (0.0, 0.0, 1.0)
SAGITTAL, CORONAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (np.cos(0.4), 0.0, np.sin(0.4), -np.sin(0.4) * np.sin(0.3), np.cos(0.3), np.cos(0.4) * np.sin(0.3))

SCANS = (  # series of one stack, in every place and direction
    Kind("axial", stack(*EVEN), ("",), "CT", "GE MEDICAL SYSTEMS"),
    Kind("from head to feet", stack(*EVEN, along=(0, 0, -1)), ("",), "CT", "TOSHIBA"),
    Kind("sagittal", stack(*EVEN, orientation=SAGITTAL), ("",)),
    Kind("coronal", stack(*EVEN, orientation=CORONAL), ("",), maker="Philips Medical Systems"),
    Kind("oblique", stack(*EVEN, orientation=OBLIQUE), ("",), maker="GE MEDICAL SYSTEMS"),
    Kind("prone", stack(*EVEN, orientation=(-1, 0, 0, 0, -1, 0)), ("",), "CT", "Philips"),
    Kind("finely rounded", stack(*(0.3333 * k for k in range(9))), ("",), "CT"),
    Kind("one slice", stack(0.0, SliceThickness=4), ("",)),
    Kind("one slice of CT", stack(0.0, SliceThickness=4), ("",), "CT", "CANON_MEC"),
    Kind("one slice with a gap", stack(0.0, SliceThickness=4, SpacingBetweenSlices=5), ("",)),
    Kind("two slices", stack(0.0, 6.0), ("",), "CT"),
    Kind("scaled", stack(*EVEN, RescaleSlope=0.75, RescaleIntercept=3), ("",), maker="Philips Medical Systems"),
    Kind("tilted MR", stack(*EVEN, orientation=turned(0.25), along=Z), ("",)),
    Kind("tilted", stack(*EVEN, orientation=turned(0.25), along=Z, GantryDetectorTilt=14.32), ("",), "CT"),
    Kind(
        "tilted back",
        stack(*EVEN, orientation=turned(-0.3), along=Z, GantryDetectorTilt=-17.19),
        ("",),
        "CT",
        "TOSHIBA",
    ),
    Kind("missing slice", stack(0, 2.5, 7.5, 10, 12.5), ("",), "CT"),
    Kind("uneven", stack(0, 2.5, 5, 10, 15), ("",), "CT", "GE MEDICAL SYSTEMS"),
    Kind("uneven MR", stack(0, 3, 6, 12, 15), ("",)),
    Kind("irregular", stack(0, 2.5, 5.4, 9, 13), ("",), "CT"),
    Kind("rounded to tenths", stack(*(round(0.625 * k, 1) for k in range(9))), ("",), "CT"),
)


def values_of(data_set: Dataset) -> Any:
    """Voxel values of a file as pydicom reads them, after rescale."""
    return data_set.pixel_array * float(data_set.get("RescaleSlope", 1)) + float(data_set.get("RescaleIntercept", 0))
