from __future__ import annotations

import dataclasses
import re
import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from callout.errors import InputError
from callout.figures.recipe import (
    Arrow,
    Arrowhead,
    Asterisk,
    Callout,
    Outline,
    Panel,
    Recipe,
    View,
)
from callout.figures.recipe_file import from_toml, to_toml

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = words.filter(bool)
lines = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=3)
mm = st.floats(-1e6, 1e6)
vectors = st.tuples(mm, mm, mm)
colours = st.sampled_from(["white", "black", "sky blue", "#00ff7F"])
sizes = st.floats(6, 72)
outlines = st.builds(Outline, names, colours, st.floats(0.1, 20), st.sampled_from(["solid", "dashed", "dotted"]))
callouts = st.builds(Callout, lines, names, st.none() | vectors, st.none() | vectors, sizes, colours, st.booleans())
asterisks = st.builds(Asterisk, st.none() | names, vectors, st.none() | vectors, sizes, colours)
arrows = st.builds(Arrow, st.none() | names, vectors, st.none() | vectors, st.none(), colours)
arrowheads = st.builds(Arrowhead, names, st.none() | vectors, st.none(), st.none() | st.floats(-360, 360), colours)
overlays = st.one_of(outlines, callouts, asterisks, arrows, arrowheads)
views = st.builds(
    View,
    names,
    st.integers(0, 1000),
    vectors,
    st.tuples(st.floats(1, 1e4), st.floats(1, 1e4)),
    st.tuples(mm, st.floats(1e-3, 1e5)),
    st.sampled_from(["cubic", "nearest"]),
    st.booleans(),
    st.booleans(),
    st.lists(overlays, max_size=4).map(tuple),
)
letters = st.sampled_from(["", "a", "B"])
panels = st.one_of(
    st.builds(Panel, letters, views, st.none(), words), st.builds(Panel, letters, st.none(), names, words)
)
recipes = st.builds(
    Recipe,
    words,
    words,
    st.floats(50, 1000),
    st.integers(30, 2400),
    st.lists(panels, min_size=1, max_size=3).map(tuple),
    st.integers(1, 4),
    st.floats(0, 5),
    st.sampled_from(["white", "black"]),
)


@given(recipes)
def test_a_recipe_comes_back_from_its_toml_exactly(recipe: Recipe) -> None:
    assert from_toml(to_toml(recipe)) == recipe


VIEW = View("ct", 3, (0.0, 1.0, 2.0), (100.0, 80.0), (40.0, 400.0), overlays=(Callout("1", "r"), Arrow("r")))
RECIPE = Recipe("1", "Words", 85.0, 300, (Panel("a", VIEW),))


def test_a_recipe_reads_like_a_methods_section() -> None:
    text = to_toml(RECIPE)
    assert 'overlays = [\n    { kind = "callout", text = "1", region_id = "r"' in text
    assert len(text.splitlines()) <= 25


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dpi = 300", "dpi = 7", "dpi is 7, expected a whole number from 30 to 2400"),
        ("width_mm = 85.0", 'width_mm = "85"', "width_mm is '85'"),
        ("slice = 3", "slice = -1", "panels[0].view.slice is -1"),
        ("window = [40.0, 400.0]", "window = [40.0]", "panels[0].view.window is (40.0,), expected 2 numbers"),
        ("window = [40.0, 400.0]", "window = [40.0, 0.0]", "panels[0].view.window"),
        ("centre_mm = [0.0, 1.0, 2.0]", "centre_mm = [0.0, nan, 2.0]", "panels[0].view.centre_mm"),
        ("slice = 3", "slize = 3", "panels[0].view.slize is no key of a recipe"),
        ("slice = 3\n", "", "panels[0].view.slice is missing"),
        ('kind = "arrow"', 'kind = "dart"', "panels[0].view.overlays[1].kind is 'dart'"),
        ('text = "1"', 'text = ""', "panels[0].view.overlays[0].text"),
        ("size_pt = 10.0", "size_pt = 5.9", "panels[0].view.overlays[0].size_pt is 5.9, expected a number from 6"),
        ('colour = "white"', 'colour = "mauve"', "colour is 'mauve'"),
        ("[[panels]]", "[panels]", "panels is"),
        ("label =", "label", "the recipe is not TOML"),
    ],
)
def test_a_bad_recipe_is_refused_by_the_name_of_its_key(old: str, new: str, message: str) -> None:
    text = to_toml(RECIPE)
    assert old in text
    with pytest.raises(InputError, match=re.escape(message)):
        from_toml(text.replace(old, new))


def test_records_themselves_refuse_what_makes_no_sense() -> None:
    with pytest.raises(InputError, match="view and picture"):
        Panel("a")
    with pytest.raises(InputError, match="expected one of region_id, point_mm, place_mm"):
        Callout("1")
    with pytest.raises(InputError, match="from_mm and angle_deg"):
        Arrow("r", from_mm=(0.0, 0.0, 0.0), angle_deg=90.0)
    with pytest.raises(InputError, match="no room for 12 panels"):
        dataclasses.replace(RECIPE, columns=12, width_mm=20.0)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to every key and item of a TOML document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


DOCUMENT = tomllib.loads(to_toml(RECIPE))
scalars = st.one_of(st.text(max_size=5), st.integers(-(2**62), 2**62), st.floats(), st.booleans(), st.dates())
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from(["kind", "x"]), scalars))


@given(st.sampled_from(places(DOCUMENT)), values)
def test_whatever_stands_in_a_recipe_it_is_read_or_refused(place: tuple[object, ...], value: object) -> None:
    document = tomllib.loads(to_toml(RECIPE))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        recipe = from_toml(tomli_w.dumps(document))
    except InputError:
        return
    assert from_toml(to_toml(recipe)) == recipe
