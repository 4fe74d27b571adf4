"""Captions and reports as JSON documents and back, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from callout.reports.model import (
    Caption,
    CaptionView,
    Figure,
    Measurement,
    Mention,
    PanelSpan,
    Part,
    Picture,
    Report,
    Runs,
    Skipped,
)

Json = dict[str, Any]


def caption_to_json(caption: Caption) -> Json:
    """`caption` as the contract's object A."""
    return {
        "text": caption.text,
        "modality": caption.modality,
        "planes": list(caption.planes),
        "sequences": list(caption.sequences),
        "contrast": caption.contrast,
        "region": caption.region,
        "views": [_view_to_json(view) for view in caption.views],
        "panels": [{"label": p.label, "start": p.start, "end": p.end} for p in caption.panels],
        "mentions": [mention_to_json(mention) for mention in caption.mentions],
        "inferred": dict(caption.inferred),
    }


def caption_from_json(document: Mapping[str, Any]) -> Caption:
    """The caption that `caption_to_json` wrote."""
    return Caption(
        text=document["text"],
        modality=document["modality"],
        planes=tuple(document["planes"]),
        sequences=tuple(document["sequences"]),
        contrast=document["contrast"],
        region=document["region"],
        views=tuple(CaptionView(**view) for view in document["views"]),
        panels=tuple(PanelSpan(**panel) for panel in document["panels"]),
        mentions=tuple(mention_from_json(mention) for mention in document["mentions"]),
        inferred=document.get("inferred", {}),
    )


def report_to_json(report: Report) -> Json:
    """`report` as the contract shows it; pictures by name only, their bytes are kept elsewhere."""
    return {
        "name": report.name,
        "title": report.title,
        "figures": [
            {
                "label": figure.label,
                "caption": figure.caption.text,
                "analysis": caption_to_json(figure.caption),
                "pictures": [picture.name for picture in figure.pictures],
                "citations": [list(span) for span in figure.citations],
                "source": [list(run) for run in figure.source],
            }
            for figure in report.figures
        ],
        "body": report.body,
        "body_mentions": [mention_to_json(mention) for mention in report.body_mentions],
        "source": [list(run) for run in report.source],
        "skipped": [{"path": part.path, "reason": part.reason} for part in report.skipped],
    }


def report_from_json(document: Mapping[str, Any], pictures: Mapping[str, Picture] | None = None) -> Report:
    """The report that `report_to_json` wrote; of its pictures those that `pictures` (name: picture) has."""
    known = pictures or {}
    return Report(
        title=document["title"],
        figures=tuple(
            Figure(
                label=figure["label"],
                caption=caption_from_json(figure["analysis"]),
                pictures=tuple(known[name] for name in figure.get("pictures", ()) if name in known),
                citations=_pairs(figure.get("citations", ())),
                source=_pairs(figure.get("source", ())),
            )
            for figure in document["figures"]
        ),
        body=document["body"],
        body_mentions=tuple(mention_from_json(mention) for mention in document["body_mentions"]),
        name=document.get("name", ""),
        source=_pairs(document.get("source", ())),
        skipped=tuple(Skipped(**part) for part in document.get("skipped", ())),
    )


def _pairs(spans: Iterable[Sequence[int]]) -> Runs:
    return tuple((int(start), int(end)) for start, end in spans)


def mention_to_json(mention: Mention) -> Json:
    """`mention` as the contract shows it, with its id."""
    size = mention.measurement
    return {
        "id": mention.id,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "concept": mention.concept,
        "drawn": mention.drawn,
        "marker": mention.marker,
        "laterality": mention.laterality,
        "levels": list(mention.levels),
        "site": mention.site,
        "parts": [_part_to_json(part) for part in mention.parts],
        "measurement": _size_to_json(size) if size else None,
        "negated": mention.negated,
        "uncertain": mention.uncertain,
    }


def mention_from_json(document: Mapping[str, Any]) -> Mention:
    """The mention that `mention_to_json` wrote."""
    size = document["measurement"]
    if not isinstance(document["id"], str):
        raise TypeError(f"{document['id']!r} is no mention's id")
    return Mention(
        **dict(document)
        | {
            "levels": tuple(document["levels"]),
            "parts": tuple(Part(**part | {"levels": tuple(part["levels"])}) for part in document["parts"]),
            "measurement": Measurement(tuple(size["values"]), size["unit"], size.get("range", False)) if size else None,
        }
    )


def _size_to_json(size: Measurement) -> Json:
    """A size; "range" stands there only where it is one."""
    told: Json = {"values": list(size.values), "unit": size.unit}
    return told | {"range": True} if size.is_range else told


def _view_to_json(view: CaptionView) -> Json:
    return {
        "modality": view.modality,
        "plane": view.plane,
        "sequence": view.sequence,
        "fat_suppressed": view.fat_suppressed,
        "contrast": view.contrast,
    }


def _part_to_json(part: Part) -> Json:
    return {
        "site": part.site,
        "levels": list(part.levels),
        "kind": part.kind,
        "relation": part.relation,
    }
