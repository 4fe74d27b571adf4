"""What the views show, worked out from the case: report text, findings, mentions and series as plain rows. Pure."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from callout.case import Case, Finding
from callout.dicom import Skipped
from callout.reports import Mention
from callout.terms import find_concept
from callout.volume import Series
from napari_callout.session.offers import Offer
from napari_callout.session.selection import Selection
from napari_callout.session.sizes import Sizes, marks_text, size_text

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
    """The title, a caption or the body: heading, words, and the mentions in them in order of the text.

    id: "title", "body" or the figure's label, which `is_figure` tells apart; note: how far its figure is.
    """

    heading: str
    text: str
    chips: tuple[Chip, ...]
    note: str = ""
    id: str = ""
    is_figure: bool = False


@dataclass(frozen=True)
class Progress:
    """How far the captions' mentions are: how many are drawn and flagged of those to be drawn, and not to be drawn."""

    drawn: int
    flagged: int
    wanted: int
    left_out: int

    @property
    def text(self) -> str:
        """The same in words; "" where no mention is to be drawn or left out."""
        parts = [
            f"{self.drawn} of {self.wanted} drawn" if self.wanted else "",
            f"{self.flagged} flagged" if self.flagged else "",
            f"{self.left_out} not drawn" if self.left_out else "",
        ]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class FindingRow:
    """A finding: its name, its facts in lines, state and colour; `own`: of the reader who sits here.

    offer: a link that is proposed for it.
    """

    finding_id: str
    label: str
    lines: tuple[str, ...]
    state: str
    reason: str
    colour: str
    chosen: bool
    own: bool
    offer: Offer | None = None


@dataclass(frozen=True)
class MentionRow:
    """A mention that is still to do, or that is not to be drawn, and why.

    offer: a link that is proposed for it.
    """

    mention_id: str
    text: str
    place: str
    state: str
    reason: str
    colour: str
    chosen: bool
    offer: Offer | None = None


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
    """The title, the captions in order, then the body; those that there are."""
    report = case.report
    if report is None:
        return ()
    states = case.mention_states()
    blocks = [TextBlock("Title", report.title, (), id="title")] if report.title else []
    for figure in report.figures:
        chips = _chips(case, figure.caption.mentions, selection, states)
        note = _progress([chip.state for chip in chips]).text or "nothing to draw"
        heading = f"Figure {figure.label}"
        blocks.append(TextBlock(heading, figure.caption.text, chips, note, figure.label, is_figure=True))
    if report.body:
        blocks.append(TextBlock("Text", report.body, _chips(case, report.body_mentions, selection, states), id="body"))
    return tuple(blocks)


def finding_rows(
    case: Case, selection: Selection, shown: str | None, sizes: Sizes, offers: Sequence[Offer] = ()
) -> tuple[FindingRow, ...]:
    """All findings, in the order they were made; sizes on the `shown` series where they are drawn there."""
    chosen = selection.finding(case)
    offered = {offer.finding_id: offer for offer in offers}
    mentions = {mention.id: mention for mention in case.mentions}
    rows = []
    for finding in case.findings:
        words = [mentions[link.mention_id] for link in case.links if link.finding_id == finding.id]
        lines = _finding_lines(case, finding, size_text(case, finding, sizes, shown), words)
        is_chosen = chosen is not None and chosen.id == finding.id
        facts = (finding.state, finding.reason, colour_of(finding.concept), is_chosen, finding.reader == case.reader)
        rows.append(FindingRow(finding.id, finding.label, lines, *facts, offered.get(finding.id)))
    return tuple(rows)


def mention_rows(
    case: Case, selection: Selection, offers: Sequence[Offer] = ()
) -> tuple[tuple[MentionRow, ...], tuple[MentionRow, ...]]:
    """The captions' mentions that are still to do, and those that are not to be drawn."""
    figures = case.report.figures if case.report else ()
    offered = {offer.mention_id: offer for offer in reversed(offers)}
    states, chosen = case.mention_states(), selection.mention_id
    rows = [
        _mention_row(m, states[m.id], m.id == chosen, offered) for figure in figures for m in figure.caption.mentions
    ]
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


def _chips(
    case: Case, mentions: Sequence[Mention], selection: Selection, states: Mapping[str, tuple[str, str]]
) -> tuple[Chip, ...]:
    chosen = selection.mention(case)
    chips = []
    for mention in mentions:
        state, reason = states[mention.id]
        note = f"{mention.concept}: {STATE_WORDS[state]}{f', {reason}' if reason else ''}"
        is_chosen = chosen is not None and mention.id == chosen.id
        colour = GREY if state == "not drawn" else colour_of(mention.concept)
        chips.append(Chip(mention.id, mention.start, mention.end, state, colour, note, is_chosen))
    return tuple(sorted(chips, key=lambda chip: chip.start))


def _finding_lines(case: Case, finding: Finding, size: str, words: Sequence[Mention]) -> tuple[str, ...]:
    linked = ", ".join(place_text(mention) for mention in words) or "not linked"
    own = finding.reader == case.reader
    several = not own or len(case.readers) > 1
    state = STATE_WORDS[finding.state] + (f": {finding.reason}" if finding.reason else "")
    marks = marks_text(case, finding)
    lines = (
        finding.site or "",
        size,
        marks if marks != size else "",  # where nothing is drawn beside them they are the size
        f"{state} · {linked}",
        f"by {finding.reader}{' (you)' if own and not case.read_only else ''}" if several else "",
    )
    return tuple(line for line in lines if line)


def _mention_row(mention: Mention, standing: tuple[str, str], chosen: bool, offered: Mapping[str, Offer]) -> MentionRow:
    state, reason = standing
    colour = GREY if state == "not drawn" else colour_of(mention.concept)
    facts = (state, reason, colour, chosen)
    offer = offered.get(mention.id) if state == "todo" else None
    return MentionRow(mention.id, mention.text, place_text(mention), *facts, offer)


def place_text(mention: Mention) -> str:
    """Where in the report a mention stands: figure and marker."""
    figure = mention.id.rpartition(":")[0]
    where = "text" if figure == "body" else f"fig. {figure}"
    return f"{where} ({mention.marker})" if mention.marker else where


def progress(case: Case) -> Progress:
    """How far the captions' mentions are."""
    figures = case.report.figures if case.report else ()
    states = case.mention_states()
    return _progress([states[mention.id][0] for figure in figures for mention in figure.caption.mentions])


def _progress(states: Sequence[str]) -> Progress:
    left_out = states.count("not drawn")
    drawn = states.count("done") + states.count("draft")
    return Progress(drawn, states.count("flagged"), len(states) - left_out, left_out)
