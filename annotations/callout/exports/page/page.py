"""The page: report, figures, findings and compact stacks as one HTML file that needs nothing else and fetches nothing.

What may run in it is pinned by hash in its Content-Security-Policy; all text is escaped. Names of patients and readers
are not in it, nor descriptions that scanners' operators typed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from callout.case.contents import Contents
from callout.case.model import Finding
from callout.case.reference import reference_of
from callout.errors import CalloutError, InputError
from callout.exports.files import slug, write_atomically
from callout.exports.page.marks import mark_paths
from callout.exports.page.stack import Stack, stack_of
from callout.figures.display import Group
from callout.figures.outline import outlines
from callout.figures.projection import Projection
from callout.figures.propose import recipe_of
from callout.figures.recipe import Panel
from callout.figures.render import render
from callout.figures.section import Bits, Section, section_of
from callout.figures.source import CaseSource
from callout.figures.svg import encode_fragment
from callout.masks import Measures, measure, volume_text
from callout.reports import Figure, Mention
from callout.terms import code_of, concept_or_unknown
from callout.volume import Series

DPI = 150  # of the figures on the page


def write_page(case: Contents, path: Path) -> tuple[str, ...]:
    """Write the page of a case; what could not be shown, in words. InputError where the case has no report."""
    if case.report is None:
        raise InputError("the case has no report", str(case.path), "make it with --report, or type one with `write`")
    page = _Page(case)
    write_atomically(path, page.html().encode())
    return tuple(page.notes)


class _Page:
    """One page being made."""

    def __init__(self, case: Contents) -> None:
        self.case, self.source = case, CaseSource(case)
        self.notes: list[str] = []
        self.stacks = self._stacks()
        self.numbers = {finding.id: n for n, finding in enumerate(case.findings, 1)}
        self.linked: dict[str, list[str]] = {}
        for link in case.links:
            self.linked.setdefault(link.mention_id, []).append(link.finding_id)

    def html(self) -> str:
        report = self.case.report
        assert report is not None
        title = report.title or "Case report"
        data = json.dumps(self._data(), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        style, script = _resource("page.css"), _resource("page.js")
        policy = (
            f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        )
        figures = "\n".join(self._figure(figure) for figure in report.figures)
        body = f"<p>{self._marked(report.body, report.body_mentions)}</p>" if report.body else ""
        return "\n".join(
            [
                "<!doctype html>",
                '<html lang="en"><head><meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(title)}</title><style>{style}</style></head><body>",
                '<a class="skip" href="#report">To the report</a>',
                f"<header><h1>{escape(title)}</h1>{_resource('header.html')}</header>",
                '<main><article id="report">',
                f"<section aria-label='Report'>{body}</section>",
                f'<section aria-label="Figures">{figures}</section>',
                self._findings(),
                "</article>",
                _resource("stack.html") if self.stacks else "",
                "</main>",
                f'<script type="application/json" id="data">{data}</script>',
                f"<script>{script}</script></body></html>\n",
            ]
        )

    def _stacks(self) -> dict[str, Stack]:
        stacks = {}
        for series in self.case.series:
            drawn = any(r.series_id == series.id and self.case.region_mask(r).count for r in self.case.regions)
            if drawn:
                try:
                    stacks[series.id] = stack_of(self.case, series, self.source)
                except CalloutError as error:
                    self.notes.append(f"no stack: {error}")
        return stacks

    def _data(self) -> dict[str, Any]:
        """What the script needs: the stacks, and of each finding its name, colour and regions."""
        shown = list(self.stacks)
        findings = {}
        for finding in self.case.findings:
            regions = [r for r in self.case.regions if r.finding_id == finding.id and r.series_id in self.stacks]
            findings[finding.id] = {
                "number": self.numbers[finding.id],
                "label": finding.label,
                "colour": concept_or_unknown(finding.concept).colour,
                "regions": [self._region(region.id, shown.index(region.series_id)) for region in regions],
            }
        stacks = [{"title": _title(one.series), **one.document} for one in self.stacks.values()]
        return {"stacks": stacks, "findings": findings}

    def _region(self, region_id: str, stack: int) -> dict[str, Any]:
        """Where a region is, and its largest slice, which is shown first."""
        mask = self.case.region_mask(region_id)
        sizes = mask.crop.sum(axis=(1, 2))
        return {"id": region_id, "stack": stack, "slice": int(mask.low[0] + sizes.argmax())}

    def _marked(self, text: str, mentions: Sequence[Mention], series_ids: Sequence[str] = ()) -> str:
        """The text with its mentions as buttons where they are linked, and marked where they are not.

        series_ids: of the pictures that the text goes with, which a mention leads to first.
        """
        parts, at = [], 0
        for mention in sorted(mentions, key=lambda one: one.start):
            if mention.start < at:
                continue
            parts += [escape(text[at : mention.start]), self._mention(mention, series_ids)]
            at = mention.end
        return "".join([*parts, escape(text[at:])])

    def _mention(self, mention: Mention, series_ids: Sequence[str]) -> str:
        findings = self.linked.get(mention.id, [])
        state = self.case.mention_state(mention)[0]
        words = escape(mention.text)
        if not findings:
            return f'<span class="mention" data-state="{escape(state)}">{words}</span>'
        shown = list(self.stacks)
        first = " ".join(str(shown.index(one)) for one in dict.fromkeys(series_ids) if one in shown)
        names = ", ".join(f"{self.numbers[one]} {self.case.finding(one).label}" for one in findings)
        return (
            f'<button type="button" class="mention" data-findings="{escape(" ".join(findings))}"'
            f' data-stacks="{first}" data-state="{escape(state)}" title="{escape(names)}">{words}</button>'
        )

    def _figure(self, figure: Figure) -> str:
        """A figure as it is rendered, with every region's border on it, unseen until it is spoken of."""
        series_ids: list[str] = []
        label = f"Figure {escape(figure.label)}"
        try:
            recipe = recipe_of(self.case, figure.label, self.source)
            rendered = render(replace(recipe, dpi=min(recipe.dpi, DPI)), self.source)
        except CalloutError as error:
            self.notes.append(f"figure {figure.label}: {error}")
            picture = f'<p class="missing">{label} can’t be shown: its images are not at hand.</p>'
        else:
            self.notes += [f"figure {figure.label}: {note}" for note in rendered.notes]
            series_ids = [panel.view.series_id for panel in recipe.panels if panel.view is not None]
            borders = [
                self._borders(panel, group) for panel, group in zip(recipe.panels, rendered.display.groups, strict=True)
            ]
            picture = encode_fragment(rendered.display, f"figure-{slug(figure.label)}", borders)
        caption = self._marked(figure.caption.text, figure.caption.mentions, series_ids)
        return f"<figure><div>{picture}</div><figcaption><b>{label}.</b> {caption}</figcaption></figure>"

    def _borders(self, panel: Panel, group: Group) -> str:
        """The regions' borders on a panel and the marks on it, as paths that the script lights up."""
        size, view = (group.width, group.height), panel.view
        if view is None:
            return mark_paths(self.case, panel, None, size)
        section = section_of(view, self.source)
        projection = Projection(section.grid, section.k, view.centre_mm, view.extent_mm[0], size)
        paths = []
        for finding in self.case.findings:
            cut = self._cut(finding, view.series_id, section)
            if cut is None:
                continue
            mask, own = cut
            rings = [projection.voxels_to_panel(ring) for ring in outlines(mask, smooth=True)]
            lines = " ".join("M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in ring.tolist()) + "Z" for ring in rings)
            ink = concept_or_unknown(finding.concept).colour
            dash = "" if own else ' stroke-dasharray="8 5"'
            paths.append(f'<path class="border" data-finding="{escape(finding.id)}" d="{lines}" stroke="{ink}"{dash}/>')
        return "".join(paths) + mark_paths(self.case, panel, projection, size)

    def _cut(self, finding: Finding, series_id: str, section: Section) -> tuple[Bits, bool] | None:
        """A finding on a section, and whether it was drawn on that series; else where its reference cuts it, or what
        cuts it at its largest.
        """
        regions = [one for one in self.case.regions if one.finding_id == finding.id]
        own = [one for one in regions if one.series_id == series_id]
        chosen = [one for one in regions if one.series_id == finding.reference and section.mask(one.id) is not None]
        masks = [mask for one in own or chosen or regions if (mask := section.mask(one.id)) is not None]
        return (max(masks, key=lambda mask: int(mask.sum())), bool(own)) if masks else None

    def _findings(self) -> str:
        """The findings with their codes and measurements."""
        rows = [self._row(finding) for finding in self.case.findings]
        if not rows:
            return ""
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("", "Finding", "Size", "Where", "Code"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return f'<section id="findings"><h2>Findings</h2><div class="wide">{table}</div></section>'

    def _row(self, finding: Finding) -> str:
        code = code_of(concept_or_unknown(finding.concept))
        size, where = self._size(finding)
        side = f", {finding.laterality}" if finding.laterality and finding.laterality not in finding.label else ""
        button = (
            f'<button type="button" class="finding" data-findings="{escape(finding.id)}">'
            f"{escape(finding.label)}{escape(side)}</button>"
        )
        words = (size, where, f"{code.scheme} {code.value} ({code.meaning})")
        cells = [str(self.numbers[finding.id]), button, *(escape(word) for word in words)]
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    def _size(self, finding: Finding) -> tuple[str, str]:
        """The size of a finding's reference in words, and the series and slice it was measured on; "" for neither."""
        found, sizes = {}, {}
        for region in self.case.regions:
            series = self.case.series_of(region.series_id)
            measures = measure(self.case.region_mask(region), series.grid) if region.finding_id == finding.id else None
            if measures is not None:
                words = size_in_words(measures) if series.is_measurable else "not measured"
                found[series.id] = words, f"{_title(series)}, slice {measures.slice + 1} of {series.grid.shape[0]}"
            if measures is not None and series.is_measurable:
                sizes[series.id] = measures.size
        counts = reference_of(finding, sizes) or next(iter(found), None)
        return found[counts] if counts is not None else self._marks(finding)

    def _marks(self, finding: Finding) -> tuple[str, str]:
        """What is marked of a finding and what it measures, and where, in words."""
        marks = [mark for mark in self.case.marks if mark.finding_id == finding.id]
        measured = ((mark, self.case.measures_of(mark)) for mark in marks)
        words = [f"{mark.kind} {measures.in_words}" if measures else mark.kind for mark, measures in measured]
        places = (_title(self.case.series_of(m.series_id)) if m.series_id else "a picture of the report" for m in marks)
        return ", ".join(words), ", ".join(dict.fromkeys(places))


def size_in_words(measures: Measures) -> str:
    """Both diameters in whole millimetres, and the volume where there is one."""
    words = f"{measures.long_axis_mm:.0f} × {measures.short_axis_mm:.0f} mm"
    return f"{words}, {volume_text(measures.volume_mm3)}" if measures.volume_mm3 else words


def _title(series: Series) -> str:
    """A series without the words that an operator typed, which may hold a name."""
    number = "" if series.number is None else f"Series {series.number}: "
    sequence = getattr(series, "sequence", None)
    differs = series.id.partition("#")[2]  # sets the stacks of one series apart
    words = (f"{number}{series.plane}", sequence, series.modality, f"({differs})" if differs else "")
    return " ".join(word for word in words if word)


def _resource(name: str) -> str:
    return (resources.files("callout.exports.page") / name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
