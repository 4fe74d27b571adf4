"""Structured report of measurements (PS3.16 TID 1500), one for each series: written with highdicom.

It is a Comprehensive SR (PS3.3 A.35.3): every reader takes it, older ones no Comprehensive 3D SR, and nothing in it
needs 3D coordinates. Each region is one volumetric group (TID 1411) that refers to its segment in the segmentation of
the same content, whose UID follows from the content, so that both can be exported together or apart: outlines
in the report itself would be a second truth beside the mask's, and dcmqi looks for the segment. The template can be
extended: a group has the long axis as a line on its image too, which is what OHIF draws, and without which it
refuses the whole report. The phrases that speak of the finding follow as comments, each with its place in the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from callout.dicom.tags import ENHANCED
from callout.exports import sr_codes
from callout.exports.coding import SIDES, category_of, coded, long_string, person_name, place_of, plain_text
from callout.exports.dicom_file import save
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import reading
from callout.exports.measurements import notes, rows
from callout.exports.source_header import left_empty, source_header
from callout.exports.sr_check import differences
from callout.exports.uids import segmentation_uids, uids_of
from callout.terms import Code
from callout.version import __version__
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PER: Literal["series", "case"] = "series"
SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
IMAGING_PROCEDURE = Code("SCT", "363679005", "Imaging procedure")


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.sr.dcm`; InputError where the images lack what every report has to say of them."""
    stack = outgoing.stack
    slug = series_slug(stack.series)
    with reading(stack.series.instances[0].path, "no report can be made of these images", "export as csv"):
        holds = _holds(outgoing)
        save(_document(stack, holds), folder / f"{slug}.sr.dcm", outgoing.compression, stack.edited)
    told = notes(outgoing)
    if not stack.series.grid.frame_of_reference_uid:
        told += ("the segmentation that it refers to can't be made: FrameOfReferenceUID of the images is missing",)
    elif "seg" not in outgoing.formats:
        told += (f"it refers to the segments of {slug}.seg.dcm: export seg too, and send both",)
    return [Written(f"{slug}.sr.dcm", holds, (*told, *left_empty(stack.series.instances[0])))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with pydicom and our own walk of its tree (highdicom wrote it)."""
    return differences(path, holds)


def _holds(outgoing: Outgoing) -> dict[str, Any]:
    stack = outgoing.stack
    uids = segmentation_uids(stack, "BINARY")
    regions = [_with_places(row, stack, one) for row, one in zip(rows(outgoing), stack.regions, strict=True)]
    return {
        "series_id": stack.series.id,
        "study_uid": stack.series.study_uid,
        "segmentation": {"series_uid": uids.series, "instance_uid": uids.instance},
        "regions": regions,
    }


def _with_places(row: dict[str, Any], stack: LabelledStack, one: LabelledRegion) -> dict[str, Any]:
    """A row with what only a report says: category and site as codes, where phrases stand, what shows on an image."""
    finding = one.finding
    category, place = category_of(finding.concept), place_of(finding)
    sited = finding.site or finding.laterality
    return {
        **row,
        "category": [category.scheme, category.value],
        "place": [place.scheme, place.value] if sited else None,
        "phrases": [{**phrase, "place": _place_in_report(phrase["mention"])} for phrase in row["phrases"]],
        "graphics": _graphics(row, stack, one),
    }


def _place_in_report(mention: str) -> str:
    where = mention.partition(":")[0]
    return "Body" if where == "body" else f"Figure {where}"


def _graphics(row: Mapping[str, Any], stack: LabelledStack, one: LabelledRegion) -> list[dict[str, Any]]:
    """Long and short axis on their image, else a point in the region; none on tiles of a mosaic, which are no images.

    points: (column, row) pixels from the outer corner of the first one (PS3.3 C.18.6.1.2).
    """
    series = stack.series
    images = {instance.sop_instance_uid for instance in series.instances}
    if len(images) < series.grid.shape[0] and series.sop_class_uid not in ENHANCED:
        return []
    if row["long_axis_ends"] is not None:
        k = int(row["slice"])
        drawn = [("POLYLINE", series.grid.indices(row[axis])) for axis in ("long_axis_ends", "short_axis_ends")]
    else:
        k = max(one.mask.slices(), key=lambda k: int(one.mask.crop[k - one.mask.low[0]].sum()))
        j, i = np.argwhere(one.mask.crop[k - one.mask.low[0]]).mean(axis=0) + one.mask.low[1:]
        drawn = [("POINT", np.array([[k, j, i]]))]
    instance = series.instances[k]
    return [
        {
            "type": kind,
            "points": (voxels[:, :0:-1] + 0.5).round(3).tolist(),
            "image": instance.sop_instance_uid,
            "frame": instance.frame if series.sop_class_uid in ENHANCED else None,
        }
        for kind, voxels in drawn
    ]


def _document(stack: LabelledStack, holds: Mapping[str, Any]) -> Dataset:
    import highdicom as hd

    series = stack.series
    uids = uids_of("sr", holds)
    readers = sorted({row["reader"] for row in holds["regions"]})
    groups = [_group(row, one, holds, series) for row, one in zip(holds["regions"], stack.regions, strict=True)]
    if len(readers) > 1:
        for group, row in zip(groups, holds["regions"], strict=True):
            group[0].ContentSequence.extend(_observer(row["reader"]))
    observer = hd.sr.PersonObserverIdentifyingAttributes(name=person_name(readers[0]))
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(hd.sr.ObserverContext(coded(sr_codes.PERSON), observer)),
        procedure_reported=coded(sr_codes.PROCEDURES.get(series.modality, IMAGING_PROCEDURE)),
        imaging_measurements=groups,
        title=coded(sr_codes.REPORT),
        language_of_content_item_and_descendants=hd.sr.LanguageOfContentItemAndDescendants(coded(sr_codes.ENGLISH)),
    )
    images = _images(stack)
    report[0].ContentSequence.insert(len(report[0].ContentSequence) - 1, _library(series, images))
    header = source_header(next(one for one in series.instances if one.sop_instance_uid == images[0]))
    header.SOPClassUID = series.sop_class_uid  # some have it in the file meta information only
    dataset: Dataset = hd.sr.ComprehensiveSR(
        evidence=[header, *_evidence(series, images, holds)],
        content=report[0],
        series_instance_uid=uids.series,
        series_number=min(max(2000 + (series.number or 0), 1), 2**31 - 1),
        sop_instance_uid=uids.instance,
        instance_number=1,
        manufacturer="Callout",
        manufacturer_model_name="Callout",
        software_versions=__version__,
        device_serial_number="0",
        is_complete=all(row["state"] == "done" for row in holds["regions"]),
        series_description=long_string(f"Callout: {series.description}"),
    )
    return dataset


def _group(row: Mapping[str, Any], one: LabelledRegion, holds: Mapping[str, Any], series: Series) -> Any:
    """The measurement group of a region (TID 1411), as a sequence of one item."""
    from highdicom import sr

    finding = one.finding
    side = coded(SIDES[finding.laterality]) if finding.laterality else None
    uid, number = holds["segmentation"]["instance_uid"], row["number"]
    of_series = sr.SourceSeriesForSegmentation(series.series_uid)
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(row["tracking_uid"], plain_text(row["name"])),
        referenced_segment=sr.ReferencedSegment(SEGMENTATION_STORAGE, uid, number, source_series=of_series),
        finding_category=coded(category_of(finding.concept)),
        finding_type=sr.CodedConcept(row["code"][1], row["code"][0], row["meaning"]),
        finding_sites=[sr.FindingSite(coded(place_of(finding)), side)] if row["place"] else None,
        measurements=[
            sr.Measurement(coded(value.name), value.number, coded(value.unit), derivation=coded(value.derivation))
            if value.derivation
            else sr.Measurement(coded(value.name), value.number, coded(value.unit))
            for value in sr_codes.values(row)
        ],
    )
    content = group[0].ContentSequence
    for item in content:
        if item.name == coded(sr_codes.SOURCE_SERIES):  # highdicom prints its meaning with other capitals
            item.ConceptNameCodeSequence = [coded(sr_codes.SOURCE_SERIES)]
    drawn = dict(zip((sr_codes.LONG_AXIS.value, sr_codes.SHORT_AXIS.value), row["graphics"], strict=False))
    for item in list(content):
        if item.name.value in drawn:
            line = _drawn(drawn[item.name.value], series, sr.RelationshipTypeValues.INFERRED_FROM)
            item.ContentSequence = sr.ContentSequence([line])
    content.extend(_drawn(one, series, sr.RelationshipTypeValues.CONTAINS) for one in row["graphics"][:1])
    content.extend(_comment(phrase) for phrase in row["phrases"])
    return group


def _drawn(graphic: Mapping[str, Any], series: Series, relationship: Any) -> Any:
    """A line or point on its image."""
    from highdicom import sr

    name = coded(sr_codes.PATH if graphic["type"] == "POLYLINE" else sr_codes.CENTRE)
    frames = [graphic["frame"]] if graphic["frame"] else None
    drawn = sr.ScoordContentItem(name, graphic["type"], np.array(graphic["points"]), None, None, relationship)
    drawn.ContentSequence = sr.ContentSequence(
        [sr.SourceImageForRegion(series.sop_class_uid, graphic["image"], frames)]
    )
    return drawn


def _comment(phrase: Mapping[str, str]) -> Any:
    from highdicom import sr

    comment = sr.TextContentItem(
        coded(sr_codes.COMMENT), plain_text(phrase["text"]), sr.RelationshipTypeValues.CONTAINS
    )
    properties = sr.RelationshipTypeValues.HAS_PROPERTIES
    place = sr.TextContentItem(coded(sr_codes.PLACE_IN_REPORT), plain_text(phrase["place"]), properties)
    comment.ContentSequence = sr.ContentSequence([place])
    return comment


def _observer(reader: str) -> list[Any]:
    """Who made a group, where a report has the findings of several readers."""
    from highdicom import sr

    context = sr.RelationshipTypeValues.HAS_OBS_CONTEXT
    return [
        sr.CodeContentItem(coded(sr_codes.OBSERVER_TYPE), coded(sr_codes.PERSON), context),
        sr.PnameContentItem(coded(sr_codes.OBSERVER_NAME), person_name(reader), context),
    ]


def _images(stack: LabelledStack) -> list[str]:
    """The SOPInstanceUIDs of the images that regions lie on, each once."""
    slices = sorted({k for one in stack.regions for k in one.mask.slices()})
    return list(dict.fromkeys(stack.series.instances[k].sop_instance_uid for k in slices))


def _library(series: Series, images: Sequence[str]) -> Any:
    """The images that were looked at (TID 1600), with what they have in common."""
    from highdicom import sr

    context, contains = sr.RelationshipTypeValues.HAS_ACQ_CONTEXT, sr.RelationshipTypeValues.CONTAINS
    group = sr.ContainerContentItem(coded(sr_codes.IMAGE_LIBRARY_GROUP), relationship_type=contains)
    group.ContentSequence = sr.ContentSequence()
    if series.modality in sr_codes.MODALITIES:
        modality = coded(sr_codes.MODALITIES[series.modality])
        group.ContentSequence.append(sr.CodeContentItem(coded(sr_codes.MODALITY), modality, context))
    if series.grid.frame_of_reference_uid:
        frame = coded(sr_codes.FRAME_OF_REFERENCE)
        group.ContentSequence.append(sr.UIDRefContentItem(frame, series.grid.frame_of_reference_uid, context))
    for uid in images:
        image = sr.ImageContentItem(coded(sr_codes.SOURCE), series.sop_class_uid, uid, relationship_type=contains)
        group.ContentSequence.append(image)
    library = sr.ContainerContentItem(coded(sr_codes.IMAGE_LIBRARY), relationship_type=contains)
    library.ContentSequence = sr.ContentSequence([group])
    return library


def _evidence(series: Series, images: Sequence[str], holds: Mapping[str, Any]) -> list[Dataset]:
    """What the report refers to: images of the series and the segmentation."""
    from pydicom import Dataset

    segmentation = holds["segmentation"]
    told = [(series.sop_class_uid, uid, series.series_uid) for uid in images]
    told.append((SEGMENTATION_STORAGE, segmentation["instance_uid"], segmentation["series_uid"]))
    items = []
    for class_uid, uid, series_uid in told:
        item = Dataset()
        item.SOPClassUID, item.SOPInstanceUID = class_uid, uid
        item.SeriesInstanceUID, item.StudyInstanceUID = series_uid, series.study_uid
        items.append(item)
    return items
