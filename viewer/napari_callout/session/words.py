"""Sentences about the case: whether it is saved, and what a stroke goes to. Pure."""

from __future__ import annotations

from datetime import datetime

from callout.case import Case
from napari_callout.session.selection import Selection


def saved_text(case: Case | None, unsaved: str, drawing: bool) -> str:
    """Whether all that is drawn is on disk, and since when; `unsaved`: why something is not; "" without a case."""
    if case is None:
        return ""
    if unsaved:
        return f"not saved: {unsaved}"
    if case.read_only:
        return "to look only"
    if drawing:
        return "drawing"
    if not case.history:
        return "saved"
    return f"saved {datetime.fromisoformat(case.history[-1].time).astimezone():%H:%M}"


def target_text(case: Case | None, selection: Selection) -> str:
    """What a stroke goes to."""
    if case is None:
        return ""
    finding, mention = selection.finding(case), selection.mention(case)
    return finding.label if finding else f"“{mention.text}”" if mention else ""
