"""Where one was in a case: what hung in the views and what was chosen, in a small file beside the preferences.

It is no part of the case: it is true of a machine and a sitting. What can't be read or no longer fits is left out.
"""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callout.errors import CalloutError
from callout.preferences import preferences_file
from napari_callout.session.look import LARGEST_ZOOM, LAYOUTS, SMALLEST_ZOOM, Look, picture_name
from napari_callout.session.plane import why_not_across

if TYPE_CHECKING:
    from napari_callout.session.session import Session

MOST = 10
LARGEST_FILE = 1 << 18  # bytes; a larger one is not ours
FARTHEST_MM = 10_000.0


def bookmarks_file() -> Path:
    """Where they are kept; the file need not exist."""
    return preferences_file().with_name("bookmarks.json")


def keep_place(session: Session) -> None:
    """Keep where one is in the open case; nothing without one."""
    if session.case is None:
        return
    path, views = os.path.abspath(session.case.path), session.views
    place = {
        "layout": views.layout,
        "active": views.active,
        "looks": [None if look is None else asdict(look) for look in views.looks],
        "mention": session.selection.mention_id,
        "finding": session.selection.finding_id,
    }
    kept = _read()
    if kept.get(path) != place:
        others = {name: one for name, one in kept.items() if name != path}
        _write({path: place, **dict(list(others.items())[: MOST - 1])})


def take_up(session: Session) -> bool:
    """Show what was shown in the open case when it was left; False where nothing is known of that, or nothing fits."""
    case = session.case
    place = None if case is None else _read().get(os.path.abspath(case.path))
    if case is None or not isinstance(place, dict) or str(place.get("layout")) not in LAYOUTS:
        return False
    given = place.get("looks")
    looks = [_look(session, one) for one in given] if isinstance(given, list) else []
    if not any(looks):
        return False
    active = place.get("active")
    layout = str(place["layout"])
    cells = len(LAYOUTS[layout])
    session.views.hang(layout, looks[:cells], active if type(active) is int and 0 <= active < cells else 0)
    finding, mention = place.get("finding"), place.get("mention")
    if any(one.id == finding for one in case.findings):
        session.choose_finding(str(finding), go=False)
    elif any(one.id == mention for one in case.mentions):
        session.choose_mention(str(mention), go=False)
    return True


def _look(session: Session, given: Any) -> Look | None:
    """A look from its fields, if it still fits the series."""
    try:
        look = Look(**{**given, "pan_mm": _pair(given["pan_mm"]), "field_mm": _field(given["field_mm"])})
        name = picture_name(look.series_id)
        if name is not None:
            session.report_pictures.look(name)
        order = session.views.order(look.series_id)
        numbers = (look.zoom, look.slab_mm, *look.pan_mm, *(look.field_mm or ()))
        fits = (
            look.axis in (0, 1, 2)
            and type(look.at) is int
            and (look.axis == order.slice_axis or (look.minus is None and not why_not_across(order.grid)))
            and 0 <= look.at < session.views.plane_of(look).count
            and (look.minus is None or not look.slab_mm)
            and all(math.isfinite(number) and abs(number) < FARTHEST_MM for number in numbers)
            and SMALLEST_ZOOM <= look.zoom <= LARGEST_ZOOM
            and look.slab_mm >= 0
            and look.projection in ("max", "min", "mean")
            and (look.minus is None or any(one.id == look.minus for one in session.series))
        )
    except (TypeError, KeyError, ValueError, AttributeError, CalloutError):
        return None
    return look if fits else None


def _pair(given: Any) -> tuple[float, float]:
    one, two = given
    return float(one), float(two)


def _field(given: Any) -> tuple[float, float] | None:
    field = None if given is None else _pair(given)
    if field is not None and min(field) <= 0:
        raise ValueError("a field has a height and a width")
    return field


def _read() -> dict[str, Any]:
    try:
        with open(bookmarks_file(), "rb") as file:
            kept = json.loads(file.read(LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(kept: dict[str, Any]) -> None:
    target = bookmarks_file()
    written = target.with_name(f"{target.name}.{os.getpid()}")
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(kept), encoding="ascii")
        os.replace(written, target)
