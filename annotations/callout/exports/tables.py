"""Whether rows that were read are those that were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def unequal(held: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]], what: str = "regions") -> list[str]:
    """In what the rows of a file differ from those it has to hold; what: they are."""
    if len(held) != len(wanted):
        return [f"has {len(held)} {what}, expected {len(wanted)}"]
    wrong = []
    for one, other in zip(held, wanted, strict=True):
        label = f"{other.get('number') or other.get('mark_id')} {other['name']}"
        keys = [key for key in (*other, *(one.keys() - other.keys())) if one.get(key, one) != other.get(key, other)]
        wrong += [f"{label}: {key} is {one.get(key)!r}, expected {other.get(key)!r}" for key in keys]
    return wrong
