"""What the bottom line teaches: what the hand can do now, and the keys that do it. Pure."""

from __future__ import annotations

from collections.abc import Callable

Pairs = tuple[tuple[str, str], ...]
Key = Callable[[str], str]  # the key of an action, "" for none

LOOKING = (("hide", "hide drawn"), ("fill", "fill"), ("fit", "fit"), ("next view", "next view"), ("undo", "undo"))


def empty_pairs(key: Key) -> Pairs:
    """Nothing is open."""
    return _known((key("open study"), "open study"), (key("open case"), "open case"), (key("keys"), "all keys"))


def looking_pairs(key: Key, draws: bool, target: str, native: bool = True) -> Pairs:
    """No tool is in the hand. draws: whether the case can be drawn in; target: what would be drawn, "" for nothing.

    native: whether a slice is shown as it was taken; regions are drawn on no other.
    """
    brush = ((key("brush"), f"brush for {target}" if target else "brush"),) if native else ()
    drawing = (*brush, (key("next mention"), "next mention")) if draws else ()
    presets = " ".join(key(f"window {n}") for n in (1, 2, 3))
    by_hand = (("wheel", "slices"), ("Ctrl+wheel", "zoom"), ("right drag", "window"), (presets, "presets"))
    others = tuple((key(name), words) for name, words in LOOKING if draws or name != "undo")
    return _known(*drawing, *by_hand, *others, (key("keys"), "all keys"))


def picture_pairs(key: Key, draws: bool, target: str) -> Pairs:
    """No tool is in the hand, and a picture of the report is looked at; as `looking_pairs` has it."""
    marks = (("arrow", f"arrow for {target}" if target else "arrow"), ("point", "point"), ("calipers", "length"))
    drawing = (*((key(name), words) for name, words in marks), (key("next mention"), "next mention")) if draws else ()
    by_hand = (("Ctrl+wheel", "zoom"), ("drag", "move"), (key("picture"), "next picture"))
    others = tuple((key(name), words) for name, words in LOOKING if name != "fill" and (draws or name != "undo"))
    return _known(*drawing, *by_hand, *others, (key("keys"), "all keys"))


def drawing_pairs(key: Key, erasing: bool, target: str, brush_mm: int) -> Pairs:
    """The brush or the eraser is in the hand. target: what is drawn."""
    other = (key("brush"), "brush") if erasing else (key("eraser"), "eraser")
    sizes = f"{key('smaller')} {key('larger')}".strip()
    return _known(
        ("Erasing" if erasing else "Drawing", f"{target} · {brush_mm} mm"),
        (sizes, "size"),
        other,
        (key("next lesion"), "next lesion"),
        (key("next mention"), "next mention"),
        (key("undo"), "undo"),
        (key("look"), "look"),
        (key("hide"), "hide drawn"),
        (key("keys"), "all keys"),
    )


def _known(*pairs: tuple[str, str]) -> Pairs:
    return tuple(pair for pair in pairs if pair[0].strip())
