"""A recipe as TOML and back, exactly: short enough to be read like a methods section."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from callout.errors import InputError
from callout.figures.picture import PictureMark
from callout.figures.recipe import OVERLAYS, Overlay, Panel, Recipe, View

RARE = (  # as always: not told
    "letter", "alt", "gap_mm", "background", "plane", "slab_mm", "projection", "shift_mm", "smallest_pt",
    "inverted",
)  # fmt: skip


def to_toml(recipe: Recipe) -> str:
    """The recipe as TOML; one line for each thing drawn. `from_toml` gives the same recipe back."""
    lines = _lines(recipe, skip=("panels",))
    for panel in recipe.panels:
        lines += ["", "[[panels]]", *_lines(panel, skip=("view", "marks")), *_listed("marks", panel.marks)]
        if panel.view is not None:
            lines += ["[panels.view]", *_lines(panel.view, skip=("overlays",))]
            lines += _listed("overlays", panel.view.overlays)
    return "\n".join(lines) + "\n"


def from_toml(text: str) -> Recipe:
    """The recipe that a TOML text describes. Raises InputError that names the key."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the recipe is not TOML: {error}") from None
    panels = tuple(_panel(p, f"panels[{n}]") for n, p in enumerate(_tables(table.pop("panels", []), "panels")))
    recipe: Recipe = _record(Recipe, {**table, "panels": panels}, "recipe")
    return recipe


def _panel(table: Mapping[str, Any], where: str) -> Panel:
    fields = dict(table)
    if "view" in fields:
        view = dict(_table(fields["view"], f"{where}.view"))
        overlays = _tables(view.pop("overlays", []), f"{where}.view.overlays")
        drawn = tuple(_overlay(o, f"{where}.view.overlays[{n}]") for n, o in enumerate(overlays))
        if view.get("plane", "native") != "native":
            view.setdefault("slice", None)
        fields["view"] = _record(View, {**view, "overlays": drawn}, f"{where}.view")
    marks = _tables(fields.pop("marks", []), f"{where}.marks")
    fields["marks"] = tuple(_record(PictureMark, mark, f"{where}.marks[{n}]") for n, mark in enumerate(marks))
    panel: Panel = _record(Panel, fields, where)
    return panel


def _overlay(table: Mapping[str, Any], where: str) -> Overlay:
    fields = dict(table)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in OVERLAYS:
        raise InputError(f"{where}.kind is {kind!r}, expected one of {', '.join(OVERLAYS)}")
    overlay: Overlay = _record(OVERLAYS[kind], fields, where)
    return overlay


def _record(cls: type[Any], fields: Mapping[str, Any], where: str) -> Any:
    """A record from a table; what the record itself refuses is told with the place in the file."""
    known = {f.name: f for f in dataclasses.fields(cls)}
    prefix = "" if where == "recipe" else f"{where}."
    for key in fields:
        if key not in known:
            raise InputError(f"{prefix}{key} is no key of a recipe", remedy=f"expected {', '.join(known)}")
    for key, field in known.items():
        if field.default is dataclasses.MISSING and key not in fields:
            raise InputError(f"{prefix}{key} is missing")
    try:
        return cls(**{key: _frozen(value) for key, value in fields.items()})
    except InputError as error:
        raise InputError(f"{prefix}{error.what}") from None


def _frozen(value: Any) -> Any:
    """Arrays as tuples, those in them too."""
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is {value!r}, expected a table")
    return value


def _tables(value: Any, where: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise InputError(f"{where} is {value!r}, expected an array of tables")
    return [_table(v, f"{where}[{n}]") for n, v in enumerate(value)]


def _pairs(record: Any, skip: tuple[str, ...]) -> list[tuple[str, str]]:
    """(key, TOML value) of a record's fields that are set."""
    values = ((f, getattr(record, f.name)) for f in dataclasses.fields(record) if f.name not in skip)
    told = ((f.name, value) for f, value in values if f.name not in RARE or value != f.default)
    return [(name, _value(value)) for name, value in told if value is not None]


def _lines(record: Any, skip: tuple[str, ...]) -> list[str]:
    return [f"{key} = {value}" for key, value in _pairs(record, skip)]


def _listed(key: str, drawn: Sequence[Overlay | PictureMark]) -> list[str]:
    return [f"{key} = [", *(f"    {_inline(one)}," for one in drawn), "]"] if drawn else []


def _inline(drawn: Overlay | PictureMark) -> str:
    pairs = dict([("kind", _value(drawn.kind)), *_pairs(drawn, ())])
    return "{ " + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + " }"


def _value(value: Any) -> str:
    """A TOML value: text, whole numbers, fractions, true or false, and arrays of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return repr(value) if isinstance(value, int) else repr(float(value))
