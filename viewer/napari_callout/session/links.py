"""Links made, changed and broken, each in one edit, and what became of them in words; what findings are measured on.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callout.case import Case, Finding, Link
from napari_callout.session.offers import words_text


@dataclass(frozen=True)
class LinkChoice:
    """What a finding or mention can be linked to: its id, its words, and whether it is."""

    id: str
    text: str
    linked: bool


def link_between(case: Case, finding_id: str, mention_id: str) -> Link | None:
    """The link of a finding and a mention; None where there is none."""
    return next((one for one in case.links if (one.finding_id, one.mention_id) == (finding_id, mention_id)), None)


def tie(case: Case, finding_id: str, mention_id: str, instead: bool = False) -> str:
    """Link a finding and a mention, or break their link where there is one; says what was done.

    instead: the mention speaks of this finding alone from now on.
    """
    finding, mention, link = (
        case.finding(finding_id),
        case.mention(mention_id),
        link_between(case, finding_id, mention_id),
    )
    if link is not None and not instead:
        case.unlink(link)
        return f"{finding.label} and “{mention.text}” are no longer linked"
    others = [one for one in case.links if one.mention_id == mention.id and one.finding_id != finding.id]
    with case.one_edit(f"link {finding.label} to {mention.id} {mention.text!r}"):
        for other in others if instead else ():
            case.unlink(other)
        if link is None:
            case.link(finding, mention)
    return f"“{mention.text}” speaks of {finding.label}{' alone' if instead and others else ''} now"


def tie_hint(case: Case, finding_id: str, mention_id: str, instead: bool = False) -> str:
    """What `tie` would do, while the hand still holds the drag."""
    finding, mention = case.finding(finding_id), case.mention(mention_id)
    if instead:
        return f"let go: “{mention.text}” speaks of {finding.label} alone"
    if link_between(case, finding_id, mention_id) is not None:
        return f"let go: {finding.label} and “{mention.text}” are no longer linked"
    return f"let go: “{mention.text}” speaks of {finding.label}; with Shift of it alone"


def words_for(case: Case, finding_id: str) -> tuple[LinkChoice, ...]:
    """The mentions that a finding can be linked to: those that it is, then those to be drawn."""
    linked = {link.mention_id for link in case.links if link.finding_id == finding_id}
    wanted = [m for m in case.mentions if m.id in linked or (m.drawn and not m.negated)]
    choices = [LinkChoice(m.id, words_text(m), m.id in linked) for m in wanted]
    return tuple(sorted(choices, key=lambda choice: not choice.linked))


def findings_for(case: Case, mention_id: str) -> tuple[LinkChoice, ...]:
    """The findings that a mention can be linked to: those that it is, then the others."""
    linked = {link.finding_id for link in case.links if link.mention_id == mention_id}
    choices = [LinkChoice(f.id, named(case, f), f.id in linked) for f in case.findings]
    return tuple(sorted(choices, key=lambda choice: not choice.linked))


def named(case: Case, finding: Finding) -> str:
    """A finding in a list: with its site, and with its reader where there are several."""
    whose = f", by {finding.reader}" if len(case.readers) > 1 else ""
    return f"{finding.label}{f', {finding.site}' if finding.site else ''}{whose}"


def references_for(case: Case, finding_id: str) -> tuple[LinkChoice, ...]:
    """The series that a finding can be measured on, that which is chosen ticked; first, as "", that none is.

    () where there is nothing to choose.
    """
    finding = case.finding(finding_id)
    drawn = [
        series
        for region in case.regions
        if region.finding_id == finding_id and case.region_mask(region).count
        and (series := case.series_of(region.series_id)).is_measurable
    ]  # fmt: skip
    if len(drawn) < 2 and finding.reference is None:
        return ()
    chosen = finding.reference if finding.reference in {one.id for one in drawn} else None
    choices = [LinkChoice(one.id, f"{one.title}, {one.plane}", one.id == chosen) for one in drawn]
    return LinkChoice("", "Its largest region", finding.reference is None), *choices


def measured_on(case: Case, finding_id: str, series_id: str) -> str:
    """Measure a finding on a series from now on, or, with "", on its largest region; says what was done."""
    finding = case.measure_on(finding_id, series_id or None)
    where = case.series_of(series_id).title if series_id else "its largest region"
    return f"{finding.label} is measured on {where} now"


def lost_text(case: Case, lost: Sequence[Link]) -> str:
    """Which links lost their words with a text that was typed; "" where none did."""
    if not lost:
        return ""
    known = {finding.id: finding.label for finding in case.findings}
    names = ", ".join(dict.fromkeys(known.get(link.finding_id, "a finding") for link in lost))
    count = "a link" if len(lost) == 1 else f"{len(lost)} links"
    return f"{count} lost the words: {names}. Ctrl+Z brings text and links back"
