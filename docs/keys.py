"""`make docs`: the reference of keys, from the table that the window itself is made from."""

from __future__ import annotations

from pathlib import Path

from napari_callout.session.keys import BY_HAND, GROUPS, TABLE

PAGE = Path(__file__).parent / "reference" / "keys.md"
HEAD = (
    "# Keys\n\nMade from the table that the window's own page (`?`), menus and tooltips are made from. Every key can "
    "be changed there, by a click on it, or in the preferences under the name that stands here (`callout preferences` "
    "says where they are). What has no key stands in the menu *Callout*.\n"
)


def text() -> str:
    """The page."""
    parts = [HEAD]
    for group in GROUPS:
        rows = [f"| {_keys(one.keys)} | {one.words} | `{one.name}` |" for one in TABLE if one.group == group]
        parts.append("\n".join([f"## {group.capitalize()}", "", "| keys | do | name |", "| --- | --- | --- |", *rows]))
        parts.append("")
    rows = [f"| {name} | {words} |" for name, words in BY_HAND]
    parts.append("\n".join(["## By hand", "", "| hand | does |", "| --- | --- |", *rows]))
    return "\n".join(parts) + "\n"


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys) or "–"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    print(PAGE.name)
