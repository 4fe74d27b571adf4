"""What is chosen: mention, finding and region are one thing seen several times."""

from __future__ import annotations

from dataclasses import dataclass

from callout.case import Case, Finding
from callout.reports import Mention


@dataclass(frozen=True)
class Selection:
    """A chosen mention, a chosen finding, or both.

    fresh: the next stroke starts another finding of the mention, also where it has some.
    """

    mention_id: str | None = None
    finding_id: str | None = None
    fresh: bool = False

    def finding(self, case: Case) -> Finding | None:
        """The finding that is meant: the chosen one, else the mention's first, the reader's own before others'.

        None where a stroke would make one.
        """
        if self.fresh:
            return None
        if self.finding_id is not None:
            return next((f for f in case.findings if f.id == self.finding_id), None)
        linked = findings_of(case, self.mention_id)
        own = [finding for finding in linked if finding.reader == case.reader]
        return next(iter(own or linked), None)

    def mention(self, case: Case) -> Mention | None:
        """The chosen mention, else the first that the chosen finding is linked to."""
        wanted = self.mention_id
        if wanted is None:
            wanted = next((link.mention_id for link in case.links if link.finding_id == self.finding_id), None)
        return next((m for m in case.mentions if m.id == wanted), None)


@dataclass(frozen=True)
class Lit:
    """What lights up together while the cursor is on one of it; regions are those of the findings."""

    mention_ids: frozenset[str] = frozenset()
    finding_ids: frozenset[str] = frozenset()

    @classmethod
    def of_mention(cls, case: Case, mention_id: str) -> Lit:
        """A mention with its findings; nothing where there is no such mention."""
        known = {mention_id} & {mention.id for mention in case.mentions}
        return cls(frozenset(known), frozenset(finding.id for finding in findings_of(case, mention_id)))

    @classmethod
    def of_finding(cls, case: Case, finding_id: str) -> Lit:
        """A finding with the mentions that speak of it; nothing where there is no such finding."""
        known = {finding_id} & {finding.id for finding in case.findings}
        return cls(frozenset(link.mention_id for link in case.links if link.finding_id in known), frozenset(known))


def findings_of(case: Case, mention_id: str | None) -> list[Finding]:
    """The findings linked to a mention, in the order they were made."""
    linked = {link.finding_id for link in case.links if link.mention_id == mention_id}
    return [finding for finding in case.findings if finding.id in linked]


def next_mention(case: Case, current: str | None, step: int = 1) -> str | None:
    """The next mention to do after `current`, around the end; where all are done, the next one that is drawn."""
    mentions = [m for m in case.mentions if case.mention_state(m)[0] != "not drawn"]
    if not mentions:
        return None
    ids = [m.id for m in case.mentions]
    start = ids.index(current) if current in ids else (-1 if step > 0 else len(ids))
    around = [ids[(start + step * n) % len(ids)] for n in range(1, len(ids) + 1)]
    todo = {m.id for m in case.todo}
    wanted = todo - {current} or {m.id for m in mentions}
    return next((mention_id for mention_id in around if mention_id in wanted), None)
