"""What the fields of a recipe may hold: each check raises an InputError that names the key."""

from __future__ import annotations

import re
from typing import Any

from callout.errors import InputError
from callout.figures.display import colour as colour_of

LARGEST = 1e7  # of any coordinate (mm, pixels) or window


def text(value: Any, key: str) -> None:
    """Any text."""
    if not isinstance(value, str) or re.search("[\ud800-\udfff]", value):
        raise InputError(f"{key} is {value!r}, expected text")


def name(value: Any, key: str) -> None:
    """A text that is not empty."""
    text(value, key)
    if not value:
        raise InputError(f"{key} is empty")


def number(value: Any, key: str, low: float, high: float) -> None:
    """A number within limits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InputError(f"{key} is {value!r}, expected a number from {low:g} to {high:g}")


def whole(value: Any, key: str, low: int, high: int) -> None:
    """A whole number within limits."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{key} is {value!r}, expected a whole number from {low} to {high}")


def flag(value: Any, key: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise InputError(f"{key} is {value!r}, expected true or false")


def choice(value: Any, key: str, choices: tuple[str, ...]) -> None:
    """One of several words."""
    if value not in choices:
        raise InputError(f"{key} is {value!r}, expected one of {', '.join(choices)}")


def vector(value: Any, key: str, length: int) -> None:
    """So many numbers."""
    if not isinstance(value, tuple) or len(value) != length or not all(is_sane(v) for v in value):
        raise InputError(f"{key} is {value!r}, expected {length} numbers")


def points(value: Any, key: str, count: int) -> None:
    """LPS points, or None where none are said."""
    if value is None:
        return
    if not isinstance(value, tuple) or len(value) != count:
        raise InputError(f"{key} is {value!r}, expected {count} points")
    for point in value:
        vector(point, key, 3)


def is_sane(value: Any) -> bool:
    """Whether it is a number that a place can have."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST


def colour(value: Any, key: str) -> None:
    """A colour."""
    try:
        colour_of(value)
    except (KeyError, ValueError, AttributeError):
        raise InputError(f"{key} is {value!r}, expected #rrggbb or a plain colour such as white or orange") from None


def one_anchor(overlay: Any, *keys: str) -> None:
    """At least one of the keys is said."""
    if all(getattr(overlay, key) is None for key in keys):
        raise InputError(f"{overlay.kind}: expected one of {', '.join(keys)}")


def marker(overlay: Any, *points: str) -> None:
    """What all markers share: a region by name, points as LPS mm, a colour."""
    if overlay.region_id is not None:
        name(overlay.region_id, "region_id")
    for key in points:
        if getattr(overlay, key) is not None:
            vector(getattr(overlay, key), key, 3)
    colour(overlay.colour, "colour")
