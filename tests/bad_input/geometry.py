"""Where images lie and how large their pixels are: missing, impossible, or not as simple as one would like."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from made_series import pixels, series, setting, uid
from pydicom.dataset import Dataset

from bad_input import row
from bad_input.raw import put
from bad_input.row import FOUR, THREE, BadInput, Make, Seen, any_voxels, edited, made, settings


def oriented(*values: object) -> Make:
    return settings(None, ImageOrientationPatient=list(values))


def spelt(keyword: str, *values: bytes) -> dict[str, Make]:
    """A variant for each spelling of a value in one file."""
    return {f"{keyword} {value!r}": edited(put(keyword, value)) for value in values}


def at(*positions: tuple[float, float, float]) -> Make:
    def change(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = list(positions[k])

    return made(change)


def heights(*heights: float) -> Make:
    return at(*((-10, -20, height) for height in heights))


def at_its_place(*positions: tuple[float, float, float]) -> Callable[[Seen], str]:
    """A judge: the slices lie there and hold what image k was given."""

    def untrue(seen: Seen) -> str:
        if not np.allclose(seen.origins, positions, atol=1e-4):
            return f"origins {seen.origins.tolist()}"
        expected = np.stack([pixels(k).astype(int) - 1024 for k in range(len(positions))])
        return "" if np.array_equal(seen.voxels, expected) else "voxels"

    return untrue


def without_files(*gone: int, count: int = 8) -> Make:
    def make(folder: Path) -> None:
        paths = series(folder, count)
        for k in gone:
            paths[k].unlink()

    return make


def turned_normals(folder: Path) -> None:
    """Beside a sound series one whose normals, each within tolerance, don't agree which slice comes first."""
    series(folder)
    places = ([0, 0, 0], [0, 300, -0.05], [0, 0, 2.5])

    def turned(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = places[k]
        data_set.ImageOrientationPatient = [1, 0, 0, 0, 1, -0.00029 if k == 1 else 0]

    series(folder, 3, turned, name="b")


def foot_first(data_set: Dataset, k: int) -> None:
    """File names and InstanceNumber run against the position."""
    data_set.ImagePositionPatient = [-10, -20, -2.5 * k]
    data_set.PixelData = pixels(-k).tobytes()


def shuffled_numbers(data_set: Dataset, k: int) -> None:
    data_set.InstanceNumber, data_set.SliceLocation = (3, 1, 4, 2)[k], -100.0 * k


def stretched(seen: Seen) -> str:
    """As `untrue`, for pixels whose size is not that of `made_series`."""
    return row.untrue(Seen(seen.voxels, seen.origins, np.array((0, 0.8, 0)), np.array((0.7, 0, 0))))


TILTED = ((-10, -20, 0), (-10, -19.4, 2.5), (-10, -18.8, 5), (-10, -18.2, 7.5))
BENT = ((-10, -20, 0), (-10, -19, 2.5), (-10, -20, 5), (-10, -21, 7.5))
UNEVEN = ((-10, -20, 0), (-10, -20, 2.5), (-10, -20, 5.4), (-10, -20, 7.5))
GROWING = ((-10, -20, 0), (-10, -20, 1), (-10, -20, 3), (-10, -20, 6))

ROWS: tuple[BadInput, ...] = (
    BadInput(
        "orientation that is none",
        "skip",
        {
            **spelt(
                "ImageOrientationPatient",
                *(b"nan\\0\\0\\0\\1\\0", b"1\\0\\0\\0\\NaN\\0", b"inf\\0\\0\\0\\1\\0", b"1\\0\\0\\0\\-inf\\0"),
                *(b"0\\0\\0\\0\\0\\0", b"1\\0\\0\\0\\0\\0", b"1\\0\\0\\1\\0\\0", b"1\\0\\0\\-1\\0\\0"),
                *(b"1\\0\\0\\0\\1", b"1\\0\\0\\0\\1\\0\\0", b"1", b"", b"\\\\\\\\\\", b"AX", b"1,0\\0\\0\\0\\1\\0"),
                *(b"2\\0\\0\\0\\1\\0", b"1\\0\\0\\0\\1e300\\0", b"1e-200\\0\\0\\0\\1\\0"),
                *(b"1\\0\\0\\.2\\.98\\0", b"1\\0\\0\\0.5\\0.8660254\\0", b"0x1\\0\\0\\0\\1\\0"),
            ),
            "missing": settings(ImageOrientationPatient=None),
        },
        "ImageOrientationPatient",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "orientation that is none, in all images",
        "refuse",
        {
            "zero": oriented(0, 0, 0, 0, 0, 0),
            "skewed": oriented(1, 0, 0, 0.2, 0.98, 0),
            "not of unit length": oriented(2, 0, 0, 0, 1, 0),
            "missing": settings(None, ImageOrientationPatient=None),
        },
        "ImageOrientationPatient",
        "a-0.dcm",
    ),
    BadInput(
        "orientation with digits of its own",
        "load",
        {
            "rounded": oriented("0.999999", "0.000001", "0", "0", "1.000001", "0"),
            "plus signs and spaces": edited(put("ImageOrientationPatient", b"+1 \\ 0\\0\\ 0\\+1.0e0\\-0"), only=None),
        },
        stacks=FOUR,
        untrue=lambda seen: "" if np.allclose(seen.row_step, (0, 0.8, 0), atol=1e-5) else "row step",
    ),
    BadInput(
        "position that is none",
        "skip",
        {
            **spelt(
                "ImagePositionPatient",
                *(
                    b"nan\\0\\0",
                    b"0\\0\\inf",
                    b"0\\0",
                    b"0",
                    b"",
                    b"0\\0\\0\\0",
                    b"a\\b\\c",
                    b"1e300\\0\\0",
                    b"0\\0\\1e9",
                ),
                *(b"0,0\\0,0\\2,5", b"0\\0\\2.5mm", b"0\\0\\", b"1_0\\0\\0", "٣\\0\\0".encode(), b"0\\0\\2.5\0\0x"),
            ),
            "missing": settings(ImagePositionPatient=None),
        },
        "ImagePositionPatient",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "spacing that is none",
        "skip",
        spelt(
            "PixelSpacing",
            *(b"0\\0", b"0\\0.7", b"0.8\\0", b"-0.8\\-0.7", b"0.8\\-0.7", b"nan\\nan", b"inf\\0.7", b"0.8", b"0.8\\"),
            *(b"0,8\\0,7", b"0.8mm\\0.7mm", b"unknown", b"\\", b"0.8\\0.7\\0.6", b"1e-200\\1e-200", b"1e30\\1e30"),
            *(b"0.8/0.7", b"0.8 0.7", b"0.8\\0.7\0\0\\"),
        ),
        "PixelSpacing",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "spacing that is none, in all images",
        "refuse",
        {
            "zero": settings(None, PixelSpacing=[0, 0.7]),
            "negative": settings(None, PixelSpacing=[-0.8, 0.7]),
            "one value": edited(put("PixelSpacing", b"0.8"), only=None),
            "comma": edited(put("PixelSpacing", b"0,8\\0,7"), only=None),
        },
        "PixelSpacing",
        "a-0.dcm",
    ),
    BadInput(
        "spacing that is missing",
        "warn",
        {"missing": settings(None, PixelSpacing=None), "empty": edited(put("PixelSpacing", b""), only=None)},
        "sizes are unknown",
        ".dcm",
        FOUR,
        any_voxels,
    ),
    BadInput(
        "spacing that is missing in one image",
        "skip",
        {"missing": settings(1, PixelSpacing=None), "empty": edited(put("PixelSpacing", b""))},
        "PixelSpacing",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "spacing of the detector only",
        "warn",
        {"ImagerPixelSpacing": settings(None, PixelSpacing=None, ImagerPixelSpacing=[0.8, 0.7])},
        "ImagerPixelSpacing",
        ".dcm",
        FOUR,
    ),
    BadInput(
        "thickness and spacing of slices that are none",
        "load",
        {
            f"{keyword} {value!r}": edited(put(keyword, value), only=None)
            for keyword in ("SliceThickness", "SpacingBetweenSlices", "SliceLocation", "InstanceNumber", "SeriesNumber")
            for value in (b"-2.5", b"nan", b"1e400", b"thick")
        },
        stacks=FOUR,
    ),
    BadInput(
        "order of names and numbers against that of positions",
        "load",
        {"foot first": made(foot_first), "InstanceNumber": made(shuffled_numbers)},
        stacks=FOUR,
    ),
    BadInput(
        "missing slices",
        "warn",
        {"one": without_files(2), "two at once": without_files(3, 4), "two apart": without_files(2, 5)},
        r"slices? may be missing",
        ".dcm",
    ),
    BadInput(
        "uneven slices", "warn", {"a little": heights(0, 2.5, 5.4, 7.5)}, "uneven", ".dcm", FOUR, at_its_place(*UNEVEN)
    ),
    BadInput(
        "slices ever further apart",
        "warn",
        {"1, 2, 3 mm": at(*GROWING)},
        "uneven|missing",
        ".dcm",
        FOUR,
        at_its_place(*GROWING),
    ),
    BadInput("gantry tilt", "warn", {"13.5°": at(*TILTED)}, r"sheared by 13\.50°", ".dcm", FOUR, at_its_place(*TILTED)),
    BadInput(
        "slices on a bent line",
        "warn",
        {"to and fro": at(*BENT)},
        "line|sheared|uneven|ImagePositionPatient",
        ".dcm",
        FOUR,
        at_its_place(*BENT),
        converts=False,
    ),
    BadInput(
        "normals that don't agree on the order",
        "warn",
        {"within tolerance": turned_normals},
        "uneven|instead of",
        "b-",
        THREE + FOUR,
        any_voxels,
        converts=False,
    ),
    BadInput(
        "one slice",
        "load",
        {"alone": lambda folder: series(folder, 1)},
        stacks=((1, 6, 5),),
    ),
    BadInput(
        "size of an image that is none",
        "skip",
        {
            **{
                f"{keyword} {value}": edited(put(keyword, struct.pack("<H", value), b"US"))
                for keyword in ("Rows", "Columns")
                for value in (0, 1, 7, 65535)
            },
            **{f"{keyword} missing": settings(**{keyword: None}) for keyword in ("Rows", "Columns")},
            **{
                f"{keyword} of {len(value)} bytes": edited(put(keyword, value, b"US", len(value)))
                for keyword in ("Rows", "Columns")
                for value in (b"", b"\6\0\0\0\6\0\0\0")[:1]
            },
            "Rows × Columns of 65535²": edited(
                lambda data: put("Rows", b"\xff\xff", b"US")(put("Columns", b"\xff\xff", b"US")(data))
            ),
        },
        "Rows|Columns",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "two frames of reference",
        "warn",
        {"each half": made(setting([2, 3], FrameOfReferenceUID=uid("other")))},
        "FrameOfReferenceUID",
        ".dcm",
        ((2, 6, 5), (2, 6, 5)),
    ),
)
