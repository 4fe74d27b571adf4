"""What is written on and below the picture. Pure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from callout.errors import InputError
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.session.look import Look
from napari_callout.session.plane import Plane, has_millimetres
from napari_callout.session.rows import thickness_text
from napari_callout.session.slabs import PROJECTION_WORDS, slab_steps
from napari_callout.session.windows import Window, window_text

LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))  # of growing and falling x, y, z (LPS)
TIMES = (("RepetitionTime", "TR"), ("EchoTime", "TE"), ("InversionTime", "TI"))
DATES, DATE_LENGTH = ("AcquisitionDate", "SeriesDate", "StudyDate"), 8
MINUS = "−"
LINE_LENGTH = 80  # characters that stand beside each other on the picture


def missing_text(series: Series) -> str:
    """Which images are not there, where they were looked for, and what to do."""
    folder = os.path.dirname(series.instances[0].path)
    remedy = "find the folder that they moved to; what is drawn is kept"
    return str(InputError(f"The images of {series.title} are not there", f"looked for in {folder}", remedy))


def in_lines(problem: str) -> str:
    """What does not work, where and what to do below each other; long paths are broken between their folders."""
    lines = []
    for part in problem.replace(" — ", "\n").replace(": ", "\n").split("\n"):
        broken = wrap(part.replace(os.sep, f"{os.sep} "), LINE_LENGTH)
        lines += [line.replace(f"{os.sep} ", os.sep) for line in broken]
    return "\n".join(lines)


def series_corner(series: Series) -> str:
    """Number, description, and how it was made: kernel, or TR, TE and TI."""
    facts = series.attributes
    kernel = facts.get("ConvolutionKernel")
    times = [f"{short} {facts[name]:g}" for name, short in TIMES if isinstance(facts.get(name), int | float)]
    how = [series.sequence or "", (series.contrast or "").replace("-contrast", " contrast")]
    lines = [
        series.title,
        " ".join(part for part in how if part),
        " ".join(times),
        f"kernel {kernel}" if kernel else "",
        date_text(series),
    ]
    if str(facts.get("LossyImageCompression", "")) == "01":
        lines.append("lossy")
    return "\n".join(line for line in lines if line)


def date_text(series: Series) -> str:
    """When it was taken, "2025-03-14"; "" where no date is stated."""
    dates = (str(series.attributes.get(name, "")) for name in DATES)
    found = next((date for date in dates if len(date) == DATE_LENGTH and date.isdecimal()), "")
    return f"{found[:4]}-{found[4:6]}-{found[6:]}" if found else ""


def slice_corner(series: Series, plane: Plane, window: Window | None, blocks: Sequence[str] = ()) -> str:
    """Position, thickness, slice as recipes and Python count it, number of the image from the top, block, and window.

    The number counts from 1 at the head, right or front; blocks: the stacks that scroll as one.
    """
    rows, columns = plane.shape
    middle = plane.point((rows - 1) / 2, (columns - 1) / 2)
    axis = int(abs(plane.normal).argmax())
    place = f"at {_along(axis, middle[axis])} mm" if has_millimetres(series) else ""
    number = f"im {plane.at + 1}/{plane.count}"
    if plane.is_native:
        block = f"block {blocks.index(series.id) + 1}/{len(blocks)}" if len(blocks) > 1 else ""
        thickness = thickness_text(series) if has_millimetres(series) else ""
        lines = [thickness, place, _joined(f"slice {plane.k}", number, block)]
    else:
        lines = [place, number]
    return "\n".join(line for line in (*lines, window_text(window) if window else "") if line)


def view_corner(series: Series, plane: Plane, look: Look, link: str, minus: str, level: str = "") -> str:
    """The level of the spine, what is not native about what is shown, and how it is linked and enlarged.

    A line for each, so that a narrow view cuts none of them.
    """
    across = "" if plane.is_native else _reformatted(plane)
    count = len(slab_steps(plane, look.slab_mm))
    what = "slices" if plane.is_native else "planes"
    slab = f"{PROJECTION_WORDS[look.projection]} of {look.slab_mm:g} mm\n{count} {what}" if look.slab_mm else ""
    zoom = f"zoom {look.zoom:.0%}"
    lines = [level, across, slab, f"less {minus}" if minus else "", "inverted" if look.inverted else "", link, zoom]
    return "\n".join(line for line in lines if line)


def _reformatted(plane: Plane) -> str:
    """How far apart the slices lie that a plane cuts across, and whether some are missing."""
    steps = np.abs(np.diff(plane.grid.slice_positions))
    ends = f"{steps.min():.3g}", f"{steps.max():.3g}"
    apart = f"{plane.grid.spacing[0]:.3g}" if plane.grid.is_even or len(set(ends)) == 1 else "–".join(ends)
    missing = plane.upright is not None and plane.upright.gap.any()
    return f"reformatted\n{apart} mm apart" + ("\nhatched: no slices" if missing else "")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def place_text(series: Series, point: Floats, level: str = "") -> str:
    """Where a point, LPS mm, is in the patient, and its level of the spine, where they are known."""
    place = "  ".join(_along(axis, point[axis]) for axis in range(3)) + " mm" if has_millimetres(series) else ""
    return "  ".join(part for part in (place, level) if part)


def value_text(series: Series, value: Any, point: Floats, level: str = "") -> str:
    """The value under the cursor, in HU for CT, and where it is in the patient."""
    number = float(value) + 0.0
    text = f"{number:.0f}" if number.is_integer() or abs(number) >= 100 else f"{number:.3g}"
    told = text.replace("-", MINUS) + (" HU" if series.modality == "CT" else "")
    return "    ".join(part for part in (told, place_text(series, point, level)) if part)


def _along(axis: int, mm: float) -> str:
    return f"{LETTERS[axis][0 if mm >= 0 else 1]} {abs(mm):.1f}"
