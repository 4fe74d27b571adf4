"""`new`, `show`, `add`, `import` and `history`: what a case holds, and what comes into it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import callout
from callout.case import Case, Edit, Finding
from callout.case.contents import Contents
from callout.case.matching import proposals
from callout.case.model import displacement
from callout.case.reference import reference_of
from callout.cli.preferences import reader_of
from callout.cli.printing import millimetres, print_json, print_table, say, short_ids, warn
from callout.dicom import series_json
from callout.errors import CalloutError, InputError
from callout.exports import add_mask, import_masks
from callout.masks import Measures, measure, volume_text
from callout.reports import Mention


def new(options: argparse.Namespace) -> int:
    """Make a case."""
    case = callout.create_case(
        options.case,
        options.images,
        options.report,
        reader=reader_of(options) or "reader",
        same_patient=options.same_patient,
        blinded=options.blinded,
    )
    with case:
        count = len(case.series)
        words = len(case.mentions)
        say(f"{options.case}: {count} series, {words} mentions, {len(case.todo)} of the captions' to do")
        told = {warning.message: f"{one.title}: " for one in reversed(case.series) for warning in one.warnings}
        for message, title in reversed(told.items()):  # what is said of several stacks is said once
            warn(title + message)
    return 0


def add(options: argparse.Namespace) -> int:
    """A finding from a mask file on a series' own lattice, linked to a mention; all of it or nothing."""
    with callout.open_case(options.case, reader=reader_of(options)) as case:
        mention = case.mention(options.mention) if options.mention else None
        linked = f", linked to {mention.id} {mention.text!r}" if mention else ""
        with case.one_edit(f"add {options.finding} from {Path(options.mask).name}{linked}"):
            finding, region = add_mask(
                case,
                options.series,
                options.mask,
                options.finding,
                label=options.label,
                laterality=options.laterality,
            )
            if mention is not None:
                case.link(finding, mention)
        say(f"{finding.id} {finding.label}: {case.region_mask(region).count} voxels{linked}")
        if mention is not None:
            for doubt in _doubts(finding, mention):
                warn(doubt)
    return 0


def _doubts(finding: Finding, mention: Mention) -> list[str]:
    """Where a finding and the words it is linked to say different things; it is the reader who decides."""
    doubts = []
    if finding.concept != mention.concept:
        doubts.append(f"the finding is {finding.concept}, the words {mention.text!r} mean {mention.concept}")
    if finding.laterality and mention.laterality and finding.laterality != mention.laterality:
        doubts.append(f"the finding is {finding.laterality}, the words {mention.text!r} are {mention.laterality}")
    return doubts


def link(options: argparse.Namespace) -> int:
    """Link a finding to words; or show which links fit, best first. Nothing is linked unasked."""
    if options.mention is not None:
        with callout.open_case(options.case, reader=reader_of(options)) as case:
            finding, mention = case.finding(options.finding), case.mention(options.mention)
            case.link(finding, mention)
            say(f"{finding.id} {finding.label}: linked to {mention.id} {mention.text!r}")
            for doubt in _doubts(finding, mention):
                warn(doubt)
        return 0
    with callout.open_case(options.case, read_only=True, reader=options.reader) as case:
        found = proposals(case, case.finding(options.finding) if options.finding else None)
        if options.json:
            print_json({"proposals": [asdict(proposal) for proposal in found]})
            return 0
        rows = [
            (
                p.finding_id,
                case.finding(p.finding_id).label,
                p.mention_id,
                case.mention(p.mention_id).text,
                ", ".join(p.reasons),
            )
            for p in found
        ]
        print_table(("finding", "name", "mention", "words", "what speaks for it"), rows)
    return 0


def write(options: argparse.Namespace) -> int:
    """Type a caption, the body or the title."""
    text = sys.stdin.read() if options.text == "-" else options.text
    with callout.open_case(options.case, reader=reader_of(options)) as case:
        if options.title:
            case.set_title(text)
            return 0
        lost = case.set_body(text) if options.body else case.set_caption(options.figure, text)
        home = "body" if options.body else options.figure
        mentions = [mention for mention in case.mentions if mention.id.rpartition(":")[0] == home]
        print_table(("mention", "words", "concept"), [(m.id, m.text, m.concept) for m in mentions])
        for one in lost:
            warn(f"{case.finding(one.finding_id).label} has lost its link to {one.mention_id}")
    return 0


def import_files(options: argparse.Namespace) -> int:
    """Findings from mask files; all files of one command, or none."""
    with callout.open_case(options.case, reader=reader_of(options)) as case:
        came = import_masks(
            case,
            *options.files,
            series_id=options.series,
            resampled=options.resample,
            threshold=options.threshold,
        )
        for finding, region in came.made:
            series = case.series_of(region.series_id)
            where = series.title
            say(f"{finding.id} {finding.label} ({finding.concept}): {case.region_mask(region).count} voxels on {where}")
        with_region = {finding.id for finding, _ in came.made}
        for finding in came.told:
            marks = sum(mark.finding_id == finding.id for mark in case.marks)
            if finding.id not in with_region:
                say(f"{finding.id} {finding.label} ({finding.concept}): no region, {marks} marks")
    for what in came.left_out:
        warn(f"not taken over — {what}")
    return 0


def history(options: argparse.Namespace) -> int:
    """Every edit, or those that a region or a voxel of it comes from: who, when, what."""
    with callout.open_case(options.case, read_only=True) as case:
        edits = _edits(case, options)
        if options.json:
            print_json({"edits": [_edit_json(edit) for edit in edits]})
            return 0
        rows = [(e.number, e.time.replace("T", " ")[:19], e.reader, e.tool, e.summary) for e in edits]
        print_table(("edit", "UTC", "reader", "tool", "what"), rows)
    return 0


def _edits(case: Case, options: argparse.Namespace) -> Sequence[Edit]:
    if options.region is None:
        if options.voxel:
            raise InputError("a voxel of which region?", remedy="say --region ID, as `show --json` lists them")
        return case.history
    if not options.voxel:
        return case.edits_of(options.region)
    k, j, i = options.voxel
    numbers = case.blame(options.region, k)
    if not (0 <= j < numbers.shape[0] and 0 <= i < numbers.shape[1]):
        raise InputError(f"the slice has no voxel ({j}, {i})", remedy=f"it has {numbers.shape} rows and columns")
    return [case.history[numbers[j, i] - 1]] if numbers[j, i] else []


def _edit_json(edit: Edit) -> dict[str, Any]:
    return {
        "number": edit.number,
        "time": edit.time,
        "reader": edit.reader,
        "tool": edit.tool,
        "settings": edit.settings,
        "window": list(edit.window) if edit.window else None,
        "version": edit.version,
        "summary": edit.summary,
        "undoes": edit.undoes,
        "changes": [asdict(change) for change in edit.changes],
    }


def show(options: argparse.Namespace) -> int:
    """What the case holds, and what is still to do."""
    with callout.open_case(options.case, read_only=True, reader=options.reader, at=options.at) as case:
        document = case_json(case, intensities=options.json)
        if options.json:
            print_json(document)
        else:
            _print_case(document)
    return 0


def case_json(case: Contents, *, intensities: bool = True) -> dict[str, Any]:
    """The contract's document of a case; without `intensities` no image is read, and they are null."""
    mentions = []
    for mention in case.mentions:
        state, reason = case.mention_state(mention)
        figure = mention.id.rpartition(":")[0]
        mentions.append(asdict(mention) | {"figure": figure, "state": state, "reason": reason})
    figures = case.report.figures if case.report else ()
    return {
        "series": [series_json(series) for series in case.series],
        "findings": [asdict(finding) for finding in case.findings],
        "regions": _regions_json(case, intensities),
        "marks": _marks_json(case, intensities),
        "mentions": mentions,
        "links": [asdict(link) for link in case.links],
        "numberings": [asdict(numbering) for numbering in case.numberings],
        "shifts": [asdict(shift) for shift in case.shifts],
        "figures": [
            {
                "label": figure.label,
                "caption": figure.caption.text,
                "pictures": [picture.name for picture in figure.pictures],
                "recipe": case.recipes.get(figure.label),
            }
            for figure in figures
        ],
        "todo": len(case.todo),
    }


def _marks_json(case: Contents, intensities: bool) -> list[dict[str, Any]]:
    """Each mark with what is measured with it, null where nothing is; values in it where the images are at hand."""
    from callout.figures.source import CaseSource

    source, documents = CaseSource(case), []
    for mark in case.marks:
        try:
            values = partial(source.pixels, mark.series_id) if intensities and mark.series_id else None
            measures = case.measures_of(mark, values)
        except CalloutError as error:
            warn(f"no intensities of {mark.id}: {error}")
            measures = case.measures_of(mark)
        told = asdict(measures) | {"words": measures.in_words} if measures else None
        documents.append(asdict(mark) | {"measures": told})
    return documents


def _regions_json(case: Contents, intensities: bool) -> list[dict[str, Any]]:
    """Each region with its measures; intensities are null where the images are not at hand."""
    documents: list[dict[str, Any]] = []
    sizes: dict[str, dict[str, tuple[float, float]]] = {}
    volumes = _volumes(case) if intensities else {}
    for region in case.regions:
        series = case.series_of(region.series_id)
        measures = measure(case.region_mask(region), series.grid, volumes.get(series.id))
        documents.append(asdict(region) | {"plane": series.plane, **_measures_json(measures, series.is_measurable)})
        if measures is not None and series.is_measurable:
            sizes.setdefault(region.finding_id, {})[series.id] = measures.size
    references = {one.id: reference_of(one, sizes.get(one.id, {})) for one in case.findings}
    for document in documents:
        document["is_reference"] = references[document["finding_id"]] == document["series_id"]
    return documents


def _volumes(case: Contents) -> dict[str, Any]:
    """The voxels of every series that has a region and can be read."""
    from callout.figures.source import CaseSource

    source, volumes = CaseSource(case), {}
    for series_id in dict.fromkeys(region.series_id for region in case.regions):
        try:
            volumes[series_id] = source.volume(series_id).voxels
        except CalloutError as error:
            warn(f"no intensities: {error}")
    return volumes


def _measures_json(measures: Measures | None, is_measurable: bool) -> dict[str, Any]:
    """Of images that can't be measured only how many voxels there are, and where."""
    if measures is None:
        return {"voxels": 0}
    document = asdict(measures)
    if not is_measurable:
        return {"voxels": document["voxels"], "slice": document["slice"]}
    return document


def _print_case(document: dict[str, Any]) -> None:
    short = short_ids([s["id"] for s in document["series"]])
    print_table(
        ("series", "modality", "plane", "images", "id ends in"),
        [
            (s["description"] or "(no description)", s["modality"], s["plane"], s["shape"][0], short[s["id"]])
            for s in document["series"]
        ],
    )
    if document["findings"]:
        findings = document["findings"]
        several = len({finding["reader"] for finding in findings}) > 1
        readers = ["reader"] if several else []
        print_table(
            (
                "finding",
                *readers,
                "name",
                "side",
                "state",
                "size",
                "volume",
                "measured on (slices from 0)",
                "linked to",
            ),
            [(f["id"], *([f["reader"]] if several else []), *_finding_row(f, document)) for f in findings],
        )
    words = [
        (m["id"], m["text"], m["concept"], m["state"], m["reason"])
        for m in document["mentions"]
        if m["figure"] != "body"
    ]
    if words:
        print_table(("mention", "words", "concept", "state", "why"), words)
    _print_marks(document)
    say(f"{document['todo']} still to do")


def _print_marks(document: dict[str, Any]) -> None:
    """What is no mask: marks with their measures, vertebral levels, series moved by hand."""
    names = {one["id"]: one["name"] or one["concept"] for one in document["findings"]}
    if document["marks"]:
        rows = [
            (m["id"], m["kind"], names[m["finding_id"]], m["measures"]["words"] if m["measures"] else "")
            for m in document["marks"]
        ]
        print_table(("mark", "kind", "finding", "measures"), rows)
    for one in document["numberings"]:
        levels = ", ".join(vertebra["name"] for vertebra in one["vertebrae"]) or "none marked"
        basis = one["basis"] or "basis not stated"
        say(f"levels by {one['reader']}: {levels} ({basis}; transitional anatomy: {one['transitional']})")
    titles = {s["id"]: s["description"] or s["modality"] for s in document["series"]}
    for one in document["shifts"]:
        moved = displacement(one["shift_mm"]) or "0 mm"
        taken, series = titles[one["minus"]], titles[one["series_id"]]
        say(f"{taken} is moved {moved} where {one['reader']} subtracts it from {series}")


def _finding_row(finding: dict[str, Any], document: dict[str, Any]) -> tuple[str, ...]:
    """What `show` says of a finding; its size is that of its reference, and never without where it was taken."""
    regions = [r for r in document["regions"] if r["finding_id"] == finding["id"] and "long_axis_mm" in r]
    linked = [link["mention_id"] for link in document["links"] if link["finding_id"] == finding["id"]]
    size = next((r for r in regions if r["is_reference"]), None)
    return (
        finding["name"] or finding["concept"],
        finding["laterality"] or "",
        finding["state"],
        *(_size(size, document, len(regions) - 1) if size else ("", "", "")),
        ", ".join(linked),
    )


def _size(region: dict[str, Any], document: dict[str, Any], others: int) -> tuple[str, str, str]:
    """Both diameters, the volume, and on which series, plane and slice; `others`: measured regions not shown."""
    series = next(one for one in document["series"] if one["id"] == region["series_id"])
    axes = millimetres((round(region["long_axis_mm"]), round(region["short_axis_mm"])))
    differs = series["id"].partition("#")[2]
    name = (series["description"] or series["modality"]) + (f" ({differs})" if differs else "")
    where = f"{name}, {region['plane']}, slice {region['slice']}" + (f" (+{others} more)" if others else "")
    parts = f" (largest of {region['parts']} parts)" if region["parts"] > 1 else ""
    return f"{axes} mm{parts}", volume_text(region["volume_mm3"]), where
