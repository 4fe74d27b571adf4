"""Who set a voxel that is drawn, when and with what. Pure."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from callout.case import Edit
from callout.masks.mask import Index
from napari_callout.session.drawing import Drawing
from napari_callout.session.kit import range_text

TOOLS = {"paint": "brush", "erase": "eraser"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # in no other language
KEPT = 16  # slices of regions


class Blame:
    """Works it out slice by slice and region by region, where it is asked, and keeps that until `forget`."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int], npt.NDArray[np.int32]] = {}

    def forget(self) -> None:
        """The case has changed, or is another one."""
        self._numbers.clear()

    def words(self, drawing: Drawing, index: Index) -> str:
        """Of the uppermost region that is seen at a native voxel (k, j, i); "" where nothing is drawn.

        CaseError where the history can't be read.
        """
        k, j, i = index
        regions = drawing.regions()
        for label in reversed(drawing.shown_labels()):
            if not drawing.read(label, index, (k + 1, j + 1, i + 1)).any():
                continue
            region = regions.get(label)
            number = int(self._slice(drawing, region.id, k)[j, i]) if region else 0
            return edit_text(drawing.case.history[number - 1]) if number else "not saved yet"
        return ""

    def _slice(self, drawing: Drawing, region_id: str, k: int) -> npt.NDArray[np.int32]:
        found = self._numbers.get((region_id, k))
        if found is None:
            if len(self._numbers) >= KEPT:
                self._numbers.clear()
            found = self._numbers[region_id, k] = drawing.case.blame(region_id, k)
        return found


def edit_text(edit: Edit, now: datetime | None = None) -> str:
    """Reader, day and time here, tool and how it was set; the year where it is another one."""
    when = datetime.fromisoformat(edit.time).astimezone()
    year = f" {when.year}" if when.year != (now or datetime.now().astimezone()).year else ""
    day = f"{when.day} {MONTHS[when.month - 1]}{year} {when:%H:%M}"
    return ", ".join(part for part in (edit.reader, day, how_text(edit)) if part)


def how_text(edit: Edit) -> str:
    """With what an edit was made: tool, size in millimetres, reach and range of values.

    >>> how_text(Edit(1, "", "r1", "paint", "", settings={"brush_mm": 8, "range": [-650, -450]}))
    'brush 8 mm −650…−450'
    """
    settings = edit.settings
    lengths = [settings.get(name) for name in ("brush_mm", "margin_mm", "sigma_mm")]
    parts = [TOOLS.get(edit.tool, edit.tool), *(f"{mm:g} mm" for mm in lengths if isinstance(mm, int | float))]
    parts += [str(settings[name]) for name in ("shape", "reach") if settings.get(name) in ("sphere", "volume")]
    limits = settings.get("range")
    if isinstance(limits, list) and len(limits) == 2 and all(isinstance(end, int | float) for end in limits):
        parts.append(range_text((limits[0], limits[1])))
    return " ".join(part for part in parts if part)
