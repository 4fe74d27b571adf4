"""What journals ask of a figure: widths, dpi, the smallest letters, grey or colour. Data, applied to a recipe."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from callout.errors import InputError
from callout.figures.display import colour as colour_of
from callout.figures.recipe import Overlay, Panel, Recipe


@dataclass(frozen=True)
class Profile:
    """One publisher's rules; see `profiles.toml`, whose keys these are."""

    name: str
    source: str
    columns_mm: tuple[float, ...]
    dpi: int
    smallest_pt: float
    colour: Literal["rgb", "grey"]
    formats: tuple[str, ...]
    draw: tuple[str, ...]
    height_mm: float | None = None


@cache
def profiles() -> dict[str, Profile]:
    """All profiles by name."""
    text = (resources.files("callout.figures") / "profiles.toml").read_text("utf-8")
    return {name: _profile(name, table) for name, table in tomllib.loads(text).items()}


def _profile(name: str, table: dict[str, Any]) -> Profile:
    keys: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Profile(name, **keys)


def profile_named(name: str) -> Profile:
    """The profile of that name; InputError naming those there are."""
    if name not in profiles():
        raise InputError(f"no such profile as {name!r}", remedy=f"choose from {', '.join(profiles())}")
    return profiles()[name]


def fitted(recipe: Recipe, profile: Profile) -> Recipe:
    """The recipe as a journal wants it: as wide as the column it comes nearest to, its dpi, no smaller letters."""
    panels = tuple(_panel(panel, profile) for panel in recipe.panels)
    width = min(profile.columns_mm, key=lambda column: abs(column - recipe.width_mm))
    return replace(recipe, width_mm=width, dpi=profile.dpi, smallest_pt=profile.smallest_pt, panels=panels)


def unlike(profile: Profile, height_mm: float, kind: str) -> list[str]:
    """In what a figure of that height (mm) and kind of file is not as the journal wants it."""
    told = []
    if profile.height_mm is not None and height_mm > profile.height_mm:
        told.append(f"{height_mm:.0f} mm high, {profile.name} has {profile.height_mm:.0f}: use more columns")
    if kind not in profile.formats:
        told.append(f"{profile.name} takes {' or '.join(profile.formats)}, this is {kind}")
    return told


def _panel(panel: Panel, profile: Profile) -> Panel:
    if panel.view is None:
        return panel
    overlays = tuple(_overlay(overlay, profile) for overlay in panel.view.overlays)
    return replace(panel, view=replace(panel.view, overlays=overlays))


def _overlay(overlay: Overlay, profile: Profile) -> Overlay:
    changed: dict[str, Any] = {}
    if getattr(overlay, "size_pt", profile.smallest_pt) < profile.smallest_pt:
        changed["size_pt"] = profile.smallest_pt
    if profile.colour == "grey":
        changed["colour"] = _grey(overlay.colour)
    return replace(overlay, **changed) if changed else overlay


def _grey(name: str) -> str:
    red, green, blue = colour_of(name)
    level = (299 * red + 587 * green + 114 * blue + 500) // 1000
    return f"#{level:02x}{level:02x}{level:02x}"
