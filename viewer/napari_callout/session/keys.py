"""All that a key does, in one table: the page of keys, the menu, the tooltips and the shortcuts are made from it. Pure.

Keys are named as Qt writes them ("Ctrl+Shift+Z"). None of them is on some keyboards only: no backquote, no Shift with a
digit; where a bracket takes two hands, a comma and a full stop do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

WAYS = {"up": "up", "down": "down", "left": "to the left", "right": "to the right"}
GROUPS = ("looking", "linking", "drawing", "case", "window")


@dataclass(frozen=True)
class Action:
    """What a key does. name: as in the preferences. keys: all that do it. repeats: while the key is held down."""

    name: str
    group: str
    words: str
    keys: tuple[str, ...]
    repeats: bool = False


TABLE: tuple[Action, ...] = (
    Action("up", "looking", "Slice before; the hand up", ("Up",), repeats=True),
    Action("down", "looking", "Slice after; the hand down", ("Down",), repeats=True),
    Action("slice up", "looking", "Slice before", ("PgUp",), repeats=True),
    Action("slice down", "looking", "Slice after", ("PgDown",), repeats=True),
    Action("next view", "looking", "Next view", ("W",)),
    Action("layout 1", "looking", "One view", ("F5",)),
    Action("layout 2", "looking", "Two views", ("F6",)),
    Action("layout 4", "looking", "Four views", ("F7",)),
    Action("planes", "looking", "Three planes of the series", ("P",)),
    Action("enlarge", "looking", "One view large, or all again", ("X",)),
    Action("fit", "looking", "Fit the whole slice", ("Home",)),
    Action("invert", "looking", "Invert greys", ("I",)),
    Action("thicker", "looking", "Thicker slab", ("Shift+S",), repeats=True),
    Action("thinner", "looking", "Thinner slab", ("Shift+A",), repeats=True),
    Action("projection", "looking", "MIP, MinIP or mean", ("Shift+P",)),
    Action("before and after", "looking", "Before and after contrast", ("Shift+B",)),
    Action("subtract", "looking", "Subtract before from after contrast", ("Shift+D",)),
    Action("shift", "looking", "Move what is subtracted", ("Shift+M",)),
    Action("link by hand", "looking", "Scroll all views together as they stand", ("K",)),
    *(Action(f"window {n}", "looking", f"Window preset {n}", (str(n),)) for n in range(1, 9)),
    Action("hide", "looking", "Hide what is drawn, or show it", ("Space",)),
    Action("hide words", "looking", "Hide the words on the pictures, or show them", ("Shift+H",)),
    Action("fill", "looking", "Fill regions, or outline them", ("F",)),
    Action("next mention", "linking", "Next mention", ("N",)),
    Action("mention before", "linking", "Mention before", ("Shift+N",)),
    Action("read", "linking", "To the mentions of the report, by arrows", ("R",)),
    Action("links", "linking", "Links of what is chosen", ("L",)),
    Action("accept", "linking", "Take the link that is proposed", ("Y",)),
    Action("not drawn", "linking", "Not drawn, and why", ("Del",)),
    Action("new finding", "linking", "New finding", ("+",)),
    Action("edit text", "linking", "Edit the text", ("F2",)),
    Action("picture", "linking", "The report's picture of the figure, or its next one", ("Shift+V",)),
    Action("next figure", "linking", "Next figure", ("Shift+PgDown",)),
    Action("figure before", "linking", "Figure before", ("Shift+PgUp",)),
    Action("brush", "drawing", "Brush", ("B",)),
    Action("eraser", "drawing", "Eraser", ("E",)),
    Action("look", "drawing", "No tool: look", ("V", "Esc")),
    Action("smaller", "drawing", "Smaller brush", (",", "["), repeats=True),
    Action("larger", "drawing", "Larger brush", (".", "]"), repeats=True),
    Action("outline", "drawing", "Outline by corners or by hand", ("O",)),
    Action("grow", "drawing", "Grow from a click", ("G",)),
    Action("flat or in space", "drawing", "In one slice, or in the volume", ("D",)),
    Action("range", "drawing", "Keep to a range of values", ("T",)),
    Action("another range", "drawing", "Range of the next click", ("Shift+T",)),
    Action("type range", "drawing", "Type the range of values", ("Ctrl+T",)),
    Action("overlap", "drawing", "Overlap others, or keep out of them", ("Shift+O",)),
    Action("region", "drawing", "Menu of the region", ("M",)),
    Action("fill holes", "drawing", "Fill holes, of each slice or in the volume", ("H",)),
    Action("interpolate", "drawing", "Interpolate between drawn slices", ("J",)),
    Action("grow margin", "drawing", "Grow by 1 mm", ("Ctrl+Up",), repeats=True),
    Action("shrink margin", "drawing", "Shrink by 1 mm", ("Ctrl+Down",), repeats=True),
    Action("copy from before", "drawing", "Copy from the slice before", ("Ctrl+PgUp",)),
    Action("copy from after", "drawing", "Copy from the slice after", ("Ctrl+PgDown",)),
    Action("next lesion", "drawing", "Next lesion of the mention; close an outline", ("Return", "Enter")),
    Action("point", "drawing", "Mark a point", ("Shift+X",)),
    Action("arrow", "drawing", "Arrow", ("A",)),
    Action("calipers", "drawing", "Measure a length", ("C",)),
    Action("diameters", "drawing", "Measure two diameters", ("Shift+C",)),
    Action("angle", "drawing", "Measure an angle", ("Shift+G",)),
    Action("ellipse", "drawing", "Ellipse: mean and SD", ("Shift+E",)),
    Action("levels", "drawing", "Mark vertebrae", ("Shift+L",)),
    Action("remove mark", "drawing", "Take the mark or the last corner away", ("Backspace",)),
    Action("left", "drawing", "The hand to the left; a narrower range", ("Left",), repeats=True),
    Action("right", "drawing", "The hand to the right; a wider range", ("Right",), repeats=True),
    *(
        Action(
            f"{way} a little", "drawing", f"The hand {words}, a little", (f"Shift+{way.capitalize()}",), repeats=True
        )
        for way, words in WAYS.items()
    ),
    Action("undo", "drawing", "Undo", ("Ctrl+Z",), repeats=True),
    Action("redo", "drawing", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), repeats=True),
    Action("open study", "case", "Open study…", ("Ctrl+Shift+D",)),
    Action("open case", "case", "Open case…", ("Ctrl+Shift+C",)),
    Action("new case", "case", "New case…", ("Ctrl+Shift+N",)),
    Action("find images", "case", "Find images…", ("Ctrl+Shift+F",)),
    Action("all readers", "case", "Show all readers", ()),  # it ends a blinded reading: no key does so by mistake
    Action("own findings", "case", "Back to reading", ()),
    Action("take panel", "case", "This view as a panel of the figure", ("Shift+F",)),
    Action("replace panel", "case", "This view in the place of the chosen panel", ("Shift+R",)),
    Action("as proposed", "case", "The figure as caption and links have it", ()),
    Action("save figure", "case", "Save figure…", ()),
    Action("attributes", "window", "DICOM attributes of the image", ("Shift+I",)),
    Action("report", "window", "Fold the report, or show it", ("F9",)),
    Action("findings", "window", "Fold findings and series, or show them", ("F10",)),
    Action("history", "window", "What was done", ("F4",)),
    Action("figure", "window", "The figure and its panels", ("F11",)),
    Action("napari", "window", "napari's own canvas, or the views", ("F8",)),
    Action("larger text", "window", "Larger text", ("Alt++", "Alt+=")),
    Action("smaller text", "window", "Smaller text", ("Alt+-",)),
    Action("keys", "window", "All keys", ("?", "F1")),
)
ACTIONS: Mapping[str, Action] = {action.name: action for action in TABLE}
BY_HAND = (
    ("wheel", "Slices"),
    ("Ctrl+wheel", "Zoom"),
    ("right drag", "Window"),
    ("middle drag", "Move the picture"),
    ("double click", "One view large, or all again"),
    ("Tab", "Next view or panel"),
)
TAKEN = {"Tab": "Tab goes on to the next view or panel", "Shift+Tab": "Shift+Tab goes back a view or panel"}


@dataclass(frozen=True)
class KeyRow:
    """A line of the page of keys. changed: whether the keys are other than the table's."""

    action: Action
    keys: tuple[str, ...]
    changed: bool


def refusal(name: str, key: str, keys: Mapping[str, tuple[str, ...]], theirs: Mapping[str, str]) -> str:
    """Why `key` can't be that of action `name`; "" where it can.

    keys: of all actions. theirs: what napari's own menus do with a key.
    """
    if key in TAKEN:
        return TAKEN[key]
    if key in theirs:
        return f"{key} is napari's: {theirs[key]}"
    owner = next((other for other, held in keys.items() if other != name and key in held), None)
    return "" if owner is None else f"{key} is the key of “{ACTIONS[owner].words}”"


def keys_with(
    changes: Mapping[str, tuple[str, ...]], tell: Callable[[str], object], theirs: Mapping[str, str] | None = None
) -> dict[str, tuple[str, ...]]:
    """The keys of all actions by name, with changes as far as no key would do two things; what is not used is told.

    Two actions may change their keys with each other. Names that are not in the table are passed over.
    """
    used = {name: keys for name, keys in changes.items() if name in ACTIONS}
    while True:
        keys = {name: used.get(name, action.keys) for name, action in ACTIONS.items()}
        refused = (
            (name, why) for name, own in used.items() for key in own if (why := refusal(name, key, keys, theirs or {}))
        )
        name, why = next(refused, ("", ""))
        if not name:
            return keys
        del used[name]
        tell(f"“{ACTIONS[name].words}” keeps {' or '.join(ACTIONS[name].keys)}: {why}")
