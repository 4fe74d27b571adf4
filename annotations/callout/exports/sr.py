"""Structured report of measurements (PS3.16 TID 1500), one for each series: written with highdicom.

It is a Comprehensive SR (PS3.3 A.35.3): every reader takes it, older ones no Comprehensive 3D SR, and nothing in it
needs 3D coordinates. Each region is one volumetric group (TID 1411) that refers to its segment in the segmentation of
the same content, whose UID follows from the content, so that both can be exported together or apart: outlines
in the report itself would be a second truth beside the mask's, and dcmqi looks for the segment. The template can be
extended: a group has the long axis as a line on its image too, which is what OHIF draws, and without which it
refuses the whole report. Each mark on a slice is one group (TID 1501) with what it measures, drawn on its image. The
phrases that speak of the finding follow as comments, each with its place in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from callout.case.contents import Contents
from callout.exports import sr_codes
from callout.exports.coding import BODY, SIDES, category_of, code_of_site, coded, long_string, person_name, plain_text
from callout.exports.dicom_file import save
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledStack
from callout.exports.loaded import reading
from callout.exports.mark_rows import mark_notes
from callout.exports.measurements import notes, rows
from callout.exports.source_header import left_empty, source_header
from callout.exports.sr_check import differences
from callout.exports.sr_rows import marked_rows, region_row
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
        save(_document(stack, holds), folder / f"{slug}.sr.dcm", outgoing.compression, outgoing.edited)
    told = (*notes(outgoing), *_mark_notes(outgoing.case, holds))
    if stack.regions and not stack.series.grid.frame_of_reference_uid:
        told += ("the segmentation that it refers to can't be made: FrameOfReferenceUID of the images is missing",)
    elif stack.regions and "seg" not in outgoing.formats:
        told += (f"it refers to the segments of {slug}.seg.dcm: export seg too, and send both",)
    return [Written(f"{slug}.sr.dcm", holds, (*told, *left_empty(stack.series.instances[0])))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with pydicom and our own walk of its tree (highdicom wrote it)."""
    return differences(path, holds)


def _holds(outgoing: Outgoing) -> dict[str, Any]:
    stack = outgoing.stack
    uids = segmentation_uids(stack, "BINARY")
    regions = [region_row(row, stack.series, one) for row, one in zip(rows(outgoing), stack.regions, strict=True)]
    return {
        "series_id": stack.series.id,
        "study_uid": stack.series.study_uid,
        "segmentation": {"series_uid": uids.series, "instance_uid": uids.instance} if regions else None,
        "regions": regions,
        "marks": marked_rows(outgoing.case, stack.series),
    }


def _mark_notes(case: Contents, holds: Mapping[str, Any]) -> Iterator[str]:
    """What of the marks the report does not say."""
    series_id = holds["series_id"]
    yield from mark_notes(holds["marks"])
    if any(row["kind"] == "arrow" for row in holds["marks"]):
        yield "of an arrow it has the tip, as a point"
    lost = {mark.id for mark in case.marks if mark.series_id == series_id} - {row["mark_id"] for row in holds["marks"]}
    if lost:
        yield f"marks beyond the slices of the series are left out: {', '.join(sorted(lost))}"
    if any(mark.picture is not None for mark in case.marks):
        yield "marks on pictures of the report are left out: they lie on no image (csv and json hold them)"


def _document(stack: LabelledStack, holds: Mapping[str, Any]) -> Dataset:
    import highdicom as hd

    series = stack.series
    uids = uids_of("sr", holds)
    told = [*holds["regions"], *holds["marks"]]
    readers = sorted({row["reader"] for row in told})
    groups = [_region_group(row, holds, series) for row in holds["regions"]]
    groups += [_mark_group(row, series) for row in holds["marks"]]
    if len(readers) > 1:
        for group, row in zip(groups, told, strict=True):
            group[0].ContentSequence.extend(_observer(row["reader"]))
    observer = hd.sr.PersonObserverIdentifyingAttributes(name=person_name(readers[0]))
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(hd.sr.ObserverContext(coded(sr_codes.PERSON), observer)),
        procedure_reported=coded(sr_codes.PROCEDURES.get(series.modality, IMAGING_PROCEDURE)),
        imaging_measurements=groups,
        title=coded(sr_codes.REPORT),
        language_of_content_item_and_descendants=hd.sr.LanguageOfContentItemAndDescendants(coded(sr_codes.ENGLISH)),
    )
    images = _images(stack, holds["marks"])
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
        is_complete=all(row["state"] == "done" for row in told),
        series_description=long_string(f"Callout: {series.description}"),
    )
    return dataset


def _region_group(row: Mapping[str, Any], holds: Mapping[str, Any], series: Series) -> Any:
    """The measurement group of a region (TID 1411), as a sequence of one item."""
    from highdicom import sr

    uid, number = holds["segmentation"]["instance_uid"], row["number"]
    of_series = sr.SourceSeriesForSegmentation(series.series_uid)
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        referenced_segment=sr.ReferencedSegment(SEGMENTATION_STORAGE, uid, number, source_series=of_series),
        **_said(row),
    )
    for item in group[0].ContentSequence:
        if item.name == coded(sr_codes.SOURCE_SERIES):  # highdicom prints its meaning with other capitals
            item.ConceptNameCodeSequence = [coded(sr_codes.SOURCE_SERIES)]
    return _shown(group, row, series)


def _mark_group(row: Mapping[str, Any], series: Series) -> Any:
    """The measurement group of a mark (TID 1501), as a sequence of one item."""
    from highdicom import sr

    return _shown(sr.MeasurementsAndQualitativeEvaluations(**_said(row)), row, series)


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """What any group says of its finding, and its measurements."""
    from highdicom import sr

    side = coded(SIDES[row["laterality"]]) if row["laterality"] else None
    place = code_of_site(row["site"], row["laterality"]) if row["site"] else BODY
    return {
        "tracking_identifier": sr.TrackingIdentifier(row["tracking_uid"], plain_text(row["name"])),
        "finding_category": coded(category_of(row["concept"])),
        "finding_type": sr.CodedConcept(row["code"][1], row["code"][0], row["meaning"]),
        "finding_sites": [sr.FindingSite(coded(place), side)] if row["place"] else None,
        "measurements": [
            sr.Measurement(coded(value.name), value.number, coded(value.unit), derivation=coded(value.derivation))
            if value.derivation
            else sr.Measurement(coded(value.name), value.number, coded(value.unit))
            for value in sr_codes.values(row)
        ],
    }


def _shown(group: Any, row: Mapping[str, Any], series: Series) -> Any:
    """A group with what shows on an image, below its measurement and for itself, and with the report's phrases."""
    from highdicom import sr

    content = group[0].ContentSequence
    drawn = {name.value: graphic for name, graphic in sr_codes.shown(row).items()}
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

    name = coded(sr_codes.CENTRE if graphic["type"] == "POINT" else sr_codes.PATH)
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


def _images(stack: LabelledStack, marks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The SOPInstanceUIDs of the images that regions and marks lie on, each once."""
    slices = sorted({k for one in stack.regions for k in one.mask.slices()} | {row["slice"] for row in marks})
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
    """What the report refers to: images of the series, and the segmentation of its regions."""
    from pydicom import Dataset

    segmentation = holds["segmentation"]
    told = [(series.sop_class_uid, uid, series.series_uid) for uid in images]
    if segmentation is not None:
        told.append((SEGMENTATION_STORAGE, segmentation["instance_uid"], segmentation["series_uid"]))
    items = []
    for class_uid, uid, series_uid in told:
        item = Dataset()
        item.SOPClassUID, item.SOPInstanceUID = class_uid, uid
        item.SeriesInstanceUID, item.StudyInstanceUID = series_uid, series.study_uid
        items.append(item)
    return items
