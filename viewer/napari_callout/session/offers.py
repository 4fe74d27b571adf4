"""Links that are proposed, as the views show them; none is made unasked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callout.case import Case, Finding
from callout.case.matching import Proposal, proposals
from callout.reports import Mention
from napari_callout.session.sizes import Sizes

IN_A_MENU = 3  # proposals that a menu shows


@dataclass(frozen=True)
class Offer:
    """A link that could be made between a finding and a mention, each in words; `reasons`: what speaks for it."""

    finding_id: str
    mention_id: str
    finding: str
    mention: str
    reasons: str


def offers_for(case: Case, finding: Finding, sizes: Sizes) -> list[Offer]:
    """The links that fit a finding best."""
    found = proposals(case, finding, lambda region: sizes.longest_mm(case, region))
    return [_offer(case, one) for one in found[:IN_A_MENU]]


def offers_to(case: Case, mention: Mention, sizes: Sizes) -> list[Offer]:
    """The links that fit a mention best."""
    found = proposals(case, None, lambda region: sizes.longest_mm(case, region))
    return [_offer(case, one) for one in found if one.mention_id == mention.id][:IN_A_MENU]


def words_text(mention: Mention) -> str:
    """A mention in a list: its words, its marker and where they stand."""
    marker = f" ({mention.marker})" if mention.marker else ""
    figure = mention.id.rpartition(":")[0]
    return f"{mention.text}{marker}, {'text' if figure == 'body' else f'fig. {figure}'}"


def _offer(case: Case, one: Proposal) -> Offer:
    finding = case.finding(one.finding_id)
    mention = next(mention for mention in case.mentions if mention.id == one.mention_id)
    return Offer(finding.id, mention.id, finding.label, words_text(mention), ", ".join(one.reasons))


class Offers:
    """The proposals of a case as it is now: worked out where something that speaks for them changed."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._known: dict[str, tuple[object, Offer | None]] = {}

    def of(self, case: Case) -> tuple[Offer, ...]:
        """For each finding of this reader that no words speak of yet, the link that fits best, where any does."""
        links, report = case.links, case.report
        linked = {link.finding_id for link in links}
        found = {}
        for finding in case.findings:
            if finding.id in linked or finding.reader != case.reader:
                continue
            sizes = [
                (region.series_id, self._sizes.longest_mm(case, region) or 0.0)
                for region in case.regions
                if region.finding_id == finding.id
            ]
            facts = (finding, links, report, [(series_id, round(mm)) for series_id, mm in sizes])
            known = self._known.get(finding.id)
            if known is None or known[0] != facts:
                known = facts, next(iter(offers_for(case, finding, self._sizes)), None)
            found[finding.id] = known
        self._known = found
        return tuple(offer for _, offer in found.values() if offer is not None)
