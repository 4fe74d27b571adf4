"""Which mention a drawn finding may be the one of: proposed, with reasons, and never linked unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from callout.case.contents import Contents
from callout.case.hanging import fitting_series, views_of
from callout.case.model import Finding, Region
from callout.case.reference import reference_of
from callout.masks import measure
from callout.reports import Mention
from callout.reports.levels import find_levels
from callout.reports.tokens import read_passage
from callout.terms.words import words_of

GENERAL = ("lesion", "abnormality")  # concepts that any drawn finding may be called
SIDES = frozenset(("left", "right", "bilateral", "both"))
COMMON = SIDES | frozenset(words_of("and or the of in at lobe quadrant segment pole part region side"))  # tell no place
HEIGHTS = frozenset(words_of("upper middle lower"))  # of lobes
SAME_SIZE, OTHER_SIZE = 0.15, 0.5  # relative difference of the longest diameters


@dataclass(frozen=True)
class Proposal:
    """A link that could be made. score: higher is better; reasons: what speaks for it, in words."""

    finding_id: str
    mention_id: str
    score: float
    reasons: tuple[str, ...]


Longest = Callable[[Region], float | None]  # the longest diameter of a region in mm; None where there is none


def proposals(case: Contents, finding: Finding | None = None, longest: Longest | None = None) -> tuple[Proposal, ...]:
    """Links that could be made of the findings that are seen, or of one, the best first; those made are left out.

    A mention fits by its concept; then side, level, site, size and figure (does a series that the finding is drawn on
    show what the caption says?) speak for it. A side, a level or a lobe that contradicts rules it out.

    longest: tells a region's diameter, for who has measured already; else it is measured here.
    """
    made = {(link.finding_id, link.mention_id) for link in case.links}
    linked = {link.mention_id for link in case.links}
    found, shown = [], _shown_series(case)
    for one in case.findings if finding is None else (finding,):
        facts = _Facts(case, one, longest or partial(_longest, case), shown)
        for mention in case.mentions:
            if (one.id, mention.id) in made or mention.negated or not mention.drawn:
                continue
            judged = facts.judge(mention)
            if judged is not None:
                score, reasons = judged
                found.append(Proposal(one.id, mention.id, score - 0.5 * (mention.id in linked), reasons))
    return tuple(sorted(found, key=lambda proposal: -proposal.score))


class _Facts:
    """What is known of a finding: its series, its size, the levels that its site names."""

    def __init__(self, case: Contents, finding: Finding, longest: Longest, shown: Mapping[str, set[str]]) -> None:
        """`shown`: the ids of the series that each figure shows."""
        self._finding, self._shown = finding, shown
        regions = [region for region in case.regions if region.finding_id == finding.id]
        self._series = {region.series_id for region in regions}
        words = read_passage(f"{finding.site or ''} {finding.note} {finding.name}", frozenset())
        self._levels = _ends(level.label for level in find_levels(words, frozenset()).values())
        self._words = words_of(finding.site or "")
        sizes = {region.series_id: mm for region in regions if (mm := longest(region)) is not None}
        counts = reference_of(finding, sizes)
        self._size = None if counts is None else sizes[counts]

    def judge(self, mention: Mention) -> tuple[float, tuple[str, ...]] | None:
        """Score and reasons; None where the mention is of something else."""
        finding = self._finding
        if mention.concept == finding.concept:
            score, reasons = 3.0, [mention.concept]
        elif mention.concept in GENERAL or finding.concept in GENERAL:
            score, reasons = 1.0, [f"{mention.text} may be a {finding.concept}"]
        else:
            return None
        for verdict in (self._side(mention), self._level(mention), self._site(mention), self._extent(mention)):
            if verdict is None:
                return None
            score += verdict[0]
            reasons += [verdict[1]] if verdict[1] else []
        figure = self._figure(mention)
        return score + figure[0], (*reasons, *([figure[1]] if figure[1] else []))

    def _side(self, mention: Mention) -> tuple[float, str] | None:
        mine, theirs = self._finding.laterality, mention.laterality
        if not mine or not theirs:
            return 0.0, ""
        if mine == theirs:
            return 1.0, mine
        return (0.25, f"{mine} of {theirs}") if "bilateral" in (mine, theirs) else None

    def _level(self, mention: Mention) -> tuple[float, str] | None:
        theirs = _ends(mention.levels)
        if not self._levels or not theirs:
            return 0.0, ""
        shared = self._levels & theirs
        return (1.0, ", ".join(sorted(shared))) if shared else None

    def _site(self, mention: Mention) -> tuple[float, str] | None:
        mine, theirs = set(self._words), set(words_of(mention.site or ""))
        if "lobe" in mine & theirs and mine & HEIGHTS and theirs & HEIGHTS and not mine & theirs & HEIGHTS:
            return None  # another lobe
        return (0.5, mention.site or "") if (mine & theirs) - COMMON else (0.0, "")

    def _extent(self, mention: Mention) -> tuple[float, str]:
        if mention.measurement is None or self._size is None:
            return 0.0, ""
        stated = max(mention.measurement.values_mm)
        apart = abs(stated - self._size) / max(stated, self._size)
        if apart <= SAME_SIZE:
            return 1.0, f"{stated:.0f} mm stated, {self._size:.0f} mm drawn"
        return (-1.0, "") if apart >= OTHER_SIZE else (0.0, "")

    def _figure(self, mention: Mention) -> tuple[float, str]:
        label = mention.id.rpartition(":")[0]
        if label not in self._shown:
            return -0.25, ""  # the body's words come after the captions'
        return (0.5, f"figure {label} shows its series") if self._series & self._shown[label] else (0.0, "")


def _shown_series(case: Contents) -> dict[str, set[str]]:
    """By figure, the ids of the series that fit one of its pictures."""
    return {
        figure.label: {
            series.id
            for view in views_of(figure.caption)
            for series in fitting_series(view, figure.caption, case.series)
        }
        for figure in (case.report.figures if case.report else ())
    }


def _longest(case: Contents, region: Region) -> float | None:
    series = case.series_of(region.series_id)
    measured = measure(case.region_mask(region), series.grid) if series.is_measurable else None
    return measured.long_axis_mm if measured is not None else None


def _ends(levels: Iterable[str]) -> set[str]:
    """The vertebrae that levels and ranges name: L2 and L3 of L2-L3."""
    return {end for level in levels for end in level.split("-")}
