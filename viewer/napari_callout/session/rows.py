"""What the views show, worked out from the case: report text, findings, mentions and series as plain rows. Pure."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from callout.case import Case, Finding
from callout.dicom import Skipped
from callout.reports import Mention
from callout.terms import find_concept
from callout.volume import Series
from napari_callout.session.selection import Selection, findings_of

GREY = "#999999"
STATE_SIGNS = {"todo": "○", "draft": "◐", "done": "●", "flagged": "⚑", "not drawn": "–"}
STATE_WORDS = {"todo": "to do", "draft": "drafted", "done": "done", "flagged": "flagged", "not drawn": "not drawn"}
NOT_OPENED, NOT_THERE = "Not opened", "the images are not there"
SPLIT = "split"  # the warning's code
MOST_REFUSED = 12  # rows of what could not be opened
NOT_DRAWN_REASONS = ("histology", "not visible", "descriptor", "not in this study")


@dataclass(frozen=True)
class Chip:
    """A mention as it stands in a text: `[start, end)`, its state and colour; `note` says both in words."""

    mention_id: str
    start: int
    end: int
    state: str
    colour: str
    note: str
    chosen: bool = False


@dataclass(frozen=True)
class TextBlock:
    """A caption, or the body: heading, words, and the mentions in them in order of the text."""

    heading: str
    text: str
    chips: tuple[Chip, ...]
    note: str = ""


@dataclass(frozen=True)
class FindingRow:
    """A finding: its name, its facts in lines, state and colour; `own`: of the reader who sits here."""

    finding_id: str
    label: str
    lines: tuple[str, ...]
    state: str
    reason: str
    colour: str
    chosen: bool
    own: bool


@dataclass(frozen=True)
class MentionRow:
    """A mention that is still to do, or that is not to be drawn, and why."""

    mention_id: str
    text: str
    place: str
    state: str
    reason: str
    colour: str
    chosen: bool


@dataclass(frozen=True)
class SeriesRow:
    """A series: number and description, facts, warnings, how many regions lie on it, and whether it is shown.

    series_id: "" where it could not be opened; the warnings say why.
    heading: of its study, where there are several. dicom_series: what the stacks of one DICOM series share.
    notes: what is no cause for worry, such as that the DICOM series holds other stacks too.
    """

    series_id: str
    title: str
    facts: str
    warnings: tuple[str, ...]
    regions: int
    shown: bool
    heading: str = ""
    dicom_series: str = ""
    localizer: bool = False
    notes: tuple[str, ...] = ()


def colour_of(concept: str) -> str:
    """The colour of a concept's findings, "#RRGGBB"; grey for what the terms do not know."""
    found = find_concept(concept)
    return found.colour if found else GREY


def report_blocks(case: Case, selection: Selection) -> tuple[TextBlock, ...]:
    """The captions in order, then the body."""
    report = case.report
    if report is None:
        return ()
    blocks = []
    for figure in report.figures:
        chips = _chips(case, figure.caption.mentions, selection)
        states = [chip.state for chip in chips if chip.state != "not drawn"]
        done = sum(state in ("done", "draft") for state in states)
        note = f"{done} of {len(states)} drawn" if states else "nothing to draw"
        blocks.append(TextBlock(f"Figure {figure.label}", figure.caption.text, chips, note))
    if report.body:
        blocks.append(TextBlock("Text", report.body, _chips(case, report.body_mentions, selection)))
    return tuple(blocks)


def finding_rows(case: Case, selection: Selection, shown: str | None = None) -> tuple[FindingRow, ...]:
    """All findings, in the order they were made; sizes on the `shown` series where they are drawn there."""
    chosen = selection.finding(case)
    return tuple(_finding_row(case, finding, chosen, shown) for finding in case.findings)


def mention_rows(case: Case, selection: Selection) -> tuple[tuple[MentionRow, ...], tuple[MentionRow, ...]]:
    """The captions' mentions that are still to do, and those that are not to be drawn."""
    figures = case.report.figures if case.report else ()
    rows = [_mention_row(case, m, selection) for figure in figures for m in figure.caption.mentions]
    return (
        tuple(row for row in rows if row.state == "todo"),
        tuple(row for row in rows if row.state == "not drawn"),
    )


def series_rows(
    series: Sequence[Series],
    case: Case | None,
    shown: str | None,
    missing: Collection[str] = (),
    refused: Sequence[Skipped] = (),
) -> tuple[SeriesRow, ...]:
    """All series, as given, then what was refused; `missing`: the ids of those whose images are not there."""
    regions = [region.series_id for region in case.regions] if case else []
    headings = study_headings(series)
    return tuple(
        SeriesRow(
            one.id,
            one.title,
            series_facts(one),
            (*((NOT_THERE,) if one.id in missing else ()), *(w.message for w in one.warnings if w.code != SPLIT)),
            regions.count(one.id),
            one.id == shown,
            headings.get(one.study_uid, ""),
            one.series_uid,
            one.is_localizer,
            tuple(w.message for w in one.warnings if w.code == SPLIT),
        )
        for one in series
    ) + _refused_rows(refused)


def study_headings(series: Sequence[Series]) -> dict[str, str]:
    """For each study (by its UID) its date and description, where there are several studies; else nothing.

    Several patients are told apart by number: nobody is named.
    """
    studies = {one.study_uid: one.attributes for one in reversed(series)}
    if len(studies) < 2:
        return {}
    patients = list(dict.fromkeys(one.attributes.get("patient_key", "") for one in series))
    headings = {}
    for uid, attributes in studies.items():
        who = f"patient {patients.index(attributes.get('patient_key', '')) + 1}" if len(patients) > 1 else ""
        parts = (date_text(str(attributes.get("StudyDate", ""))), who, str(attributes.get("StudyDescription", "")))
        headings[uid] = " · ".join(part for part in parts if part)
    return headings


def date_text(date: str) -> str:
    """A DICOM date (DA) as people read it.

    >>> date_text("20260102"), date_text("")
    ('2026-01-02', 'no date')
    """
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else "no date"


def _refused_rows(refused: Sequence[Skipped]) -> tuple[SeriesRow, ...]:
    rows = [
        SeriesRow("", os.path.basename(one.path), "", (one.reason,), 0, False, NOT_OPENED)
        for one in refused[:MOST_REFUSED]
    ]
    more = len(refused) - len(rows)
    if more:
        rows.append(SeriesRow("", f"{more} more", "", ("`callout inspect` lists them all",), 0, False, NOT_OPENED))
    return tuple(rows)


def series_facts(series: Series) -> str:
    """Modality, plane, sequence, contrast, thickness and number of images."""
    count = series.grid.shape[0]
    parts = [
        "Localizer" if series.is_localizer else "",
        series.modality,
        series.plane,
        series.sequence or "",
        (series.contrast or "").replace("-contrast", " contrast"),
        thickness_text(series),
        f"{count} image{'s' if count > 1 else ''}",
    ]
    return " · ".join(part for part in parts if part)


def thickness_text(series: Series) -> str:
    """Slice thickness, and the distance of slices where that is another; "" where neither is known."""
    spacing, thickness = series.grid.spacing[0], series.slice_thickness_mm
    if thickness and spacing and abs(thickness - spacing) > 0.05:
        return f"{thickness:.3g} mm every {spacing:.3g} mm"
    known = thickness or spacing
    return f"{known:.3g} mm" if known else ""


def volume_text(case: Case, finding: Finding, shown: str | None) -> str:
    """What is drawn of a finding: its volume on the shown series, else on the one with most of it, and on how many.

    Volumes of several series are never added: they may show the same place. Nothing is measured on a localizer.
    """
    regions = [region for region in case.regions if region.finding_id == finding.id]
    drawn = [(r, mask) for r in regions if (mask := case.region_mask(r)).count]
    if not drawn:
        return "erased" if regions else "nothing drawn"
    measurable = [one for one in drawn if case.series_of(one[0].series_id).is_measurable]
    region, mask = max(measurable or drawn, key=lambda one: (one[0].series_id == shown, one[1].count))
    series = case.series_of(region.series_id)
    mm3 = float(mask.crop.sum(axis=(1, 2)) @ series.grid.voxel_volumes[mask.low[0] : mask.high[0]])
    size = f"{mm3 / 1000:.1f} ml" if mm3 and series.is_measurable else f"{mask.count} pixels"
    where = f" on {series.title}" if len(case.series) > 1 else ""
    others = f", drawn on {len(drawn) - 1} more" if len(drawn) > 1 else ""
    return f"{size}{where}{others}"


def _chips(case: Case, mentions: Sequence[Mention], selection: Selection) -> tuple[Chip, ...]:
    chosen = selection.mention(case)
    chips = []
    for mention in mentions:
        state, reason = case.mention_state(mention)
        note = f"{mention.concept}: {STATE_WORDS[state]}{f', {reason}' if reason else ''}"
        is_chosen = chosen is not None and mention.id == chosen.id
        colour = GREY if state == "not drawn" else colour_of(mention.concept)
        chips.append(Chip(mention.id, mention.start, mention.end, state, colour, note, is_chosen))
    return tuple(sorted(chips, key=lambda chip: chip.start))


def _finding_row(case: Case, finding: Finding, chosen: Finding | None, shown: str | None) -> FindingRow:
    words = [case.mention(link.mention_id) for link in case.links if link.finding_id == finding.id]
    linked = ", ".join(place_text(mention) for mention in words) or "not linked"
    own = finding.reader == case.reader
    several = not own or len(case.readers) > 1
    state = STATE_WORDS[finding.state] + (f": {finding.reason}" if finding.reason else "")
    lines = [
        finding.site or "",
        volume_text(case, finding, shown),
        f"{state} · {linked}",
        f"by {finding.reader}{' (you)' if own and not case.read_only else ''}" if several else "",
    ]
    return FindingRow(
        finding.id,
        finding.label,
        tuple(line for line in lines if line),
        finding.state,
        finding.reason,
        colour_of(finding.concept),
        chosen is not None and chosen.id == finding.id,
        own,
    )


def _mention_row(case: Case, mention: Mention, selection: Selection) -> MentionRow:
    state, reason = case.mention_state(mention)
    colour = GREY if state == "not drawn" else colour_of(mention.concept)
    chosen = selection.mention_id == mention.id
    return MentionRow(mention.id, mention.text, place_text(mention), state, reason, colour, chosen)


def place_text(mention: Mention) -> str:
    """Where in the report a mention stands: figure and marker."""
    figure = mention.id.rpartition(":")[0]
    where = "text" if figure == "body" else f"fig. {figure}"
    return f"{where} ({mention.marker})" if mention.marker else where


def progress_text(case: Case) -> str:
    """How many of the captions' mentions that are to be drawn are drawn."""
    figures = case.report.figures if case.report else ()
    states = [case.mention_state(m)[0] for figure in figures for m in figure.caption.mentions]
    wanted = [state for state in states if state != "not drawn"]
    return f"{sum(state != 'todo' for state in wanted)} of {len(wanted)} mentions drawn" if wanted else ""


def other_findings(case: Case, mention_id: str) -> list[Finding]:
    """The findings that a mention is not linked to yet."""
    linked = {finding.id for finding in findings_of(case, mention_id)}
    return [finding for finding in case.findings if finding.id not in linked]
