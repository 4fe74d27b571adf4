"""Which mention a user means, and what is still to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from callout.errors import InputError
from callout.reports import Caption, Mention, Report


def derived_state(mention: Mention, report: Report | None, linked: Sequence[str]) -> tuple[str, str]:
    """State and reason of a mention that no reader decided about.

    linked: the states of the findings it is linked to. Unlinked words are to do, but for those that no one would
    draw on these images: descriptors, what is denied, and what a microscope shows.
    """
    if linked:
        if "flagged" in linked:
            return "flagged", "its finding is flagged"
        return ("done", "") if all(state == "done" for state in linked) else ("draft", "")
    figure = report.figure(mention.id.rpartition(":")[0]) if report else None
    if figure and _is_of_tissue(figure.caption, mention):
        return "not drawn", "histology"
    if mention.negated:
        return "not drawn", "denied by the text"
    if not mention.drawn:
        return "not drawn", "descriptor"
    return "todo", ""


def _is_of_tissue(caption: Caption, mention: Mention) -> bool:
    """Whether the mention's picture shows tissue under a microscope: the figure, or the panel that it stands in."""
    if (caption.modality or caption.inferred.get("modality")) == "histology":
        return True
    pairs = zip(caption.panels, caption.views, strict=True) if len(caption.panels) == len(caption.views) else ()
    return any(view.modality == "histology" and panel.start <= mention.start < panel.end for panel, view in pairs)


def resolve_mention(mentions: Sequence[Mention], name: str) -> Mention:
    """The one mention that `FIGURE:MARKER` or `FIGURE:#N` names.

    InputError where none or several do, naming those that the figure has.
    """
    figure, _, rest = name.rpartition(":")
    here = [mention for mention in mentions if mention.id.rpartition(":")[0] == figure]
    found = [m for m in here if m.id == name or (m.marker is not None and m.marker == rest.strip("()").lower())]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{_name(m, here)} {m.text!r}" for m in found or here or mentions[:8])
    what = "several mentions match" if found else "no mention matches"
    raise InputError(what, name, f"choose FIGURE:MARKER or FIGURE:#N from: {listed}" if listed else "there are none")


def _name(mention: Mention, here: Sequence[Mention]) -> str:
    """What to type for a mention: by its marker where no other of the figure has that."""
    alone = mention.marker and [one.marker for one in here].count(mention.marker) == 1
    return f"{mention.id.rpartition(':')[0]}:{mention.marker}" if alone else mention.id
