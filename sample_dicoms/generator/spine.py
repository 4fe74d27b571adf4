"""The spine case: a lumbosacral MR study of an invented patient, its truth and its report."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from .files import Segment, Study, uid, write_segmentation, write_series
from .spine_body import paint_body
from .spine_canvas import Canvas, Texture
from .spine_column import paint_column
from .spine_mass import HYDRO, PARTS, paint_bone_changes, paint_mass
from .spine_organs import LEFT_KIDNEY, RIGHT_KIDNEY, paint_kidney, paint_vessels
from .spine_report import REPORT
from .spine_series import Protocol, Sampler, Stack, protocols, scanned
from .spine_truth import facts

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Seen = dict[str, NDArray[np.uint16]]

STUDY = Study(
    patient_id="CALLOUT-SPINE",
    patient_name="Callout^Spine",
    study_uid=uid("callout spine study"),
    study_date="20250314",
    study_time="101000",
    study_description="MR lumbosacral spine, synthetic phantom",
    frame_of_reference_uid=uid("callout spine frame of reference"),
    accession_number="CALLOUT2",
    age="064Y",
    sex="M",
)


def write(folder: Path) -> None:
    """Write images, truth and report of the case into `folder`, replacing what is there."""
    for name in ("images", "truth"):
        shutil.rmtree(folder / name, ignore_errors=True)
    canvas, texture = patient()
    sampler = Sampler(canvas, texture)
    seen: Seen = {}
    for protocol in protocols():
        for n, stack in enumerate(protocol.stacks):
            files = _write_stack(folder, protocol, stack, sampler)
            regions = sampler.regions(stack, protocol)
            seen[stack_name(protocol, stack)] = regions
            _write_truth(folder, protocol, stack, n, files, regions)
    truth = json.dumps(facts(canvas, seen), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8")
    (folder / "report.txt").write_text(REPORT, encoding="utf-8")


def patient() -> tuple[Canvas, Texture]:
    """Return the whole anatomy, and the texture seen in every series."""
    canvas, texture = Canvas.empty(), Texture.fractal("spine texture", 6.0)
    paint_body(canvas, texture)
    paint_kidney(canvas, RIGHT_KIDNEY, texture, None)
    paint_kidney(canvas, LEFT_KIDNEY, texture, HYDRO)
    paint_column(canvas)
    paint_vessels(canvas)
    paint_bone_changes(canvas, texture)
    paint_mass(canvas, texture)
    canvas.bend(7.0, 2.0, 26.0)
    return canvas, texture


def stack_name(protocol: Protocol, stack: Stack) -> str:
    """Return the name of a stack's truth: the series' folder, and which stack where there are several."""
    return protocol.folder if len(protocol.stacks) == 1 else f"{protocol.folder}.{stack.name}"


def _write_stack(folder: Path, protocol: Protocol, stack: Stack, sampler: Sampler) -> list[Path]:
    voxels = scanned(sampler.signal(stack, protocol), stack, protocol)
    return write_series(
        folder / "images" / protocol.folder,
        STUDY,
        modality="MR",
        series_uid=uid(f"callout spine {protocol.folder}"),
        number=protocol.number,
        description=protocol.description,
        origins=stack.origins,
        row_step=stack.row_step,
        column_step=stack.column_step,
        voxels=voxels,
        thickness_mm=protocol.thickness_mm,
        attributes=_attributes(protocol, stack),
    )


def _attributes(protocol: Protocol, stack: Stack) -> dict[str, Any]:
    """Return the MR attributes of a stack (PS3.3 C.8.3.1)."""
    sequence = protocol.sequence
    inverted = sequence.inversion_time is not None
    kind = "LOCALIZER" if protocol.localizer else "M_IR" if inverted else "M_SE"
    gap = float(abs((stack.origins[1] - stack.origins[0]) @ stack.normal))
    values: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY", kind],
        "BodyPartExamined": "LSPINE",
        "ProtocolName": protocol.description,
        "ScanningSequence": ["SE", "IR"] if inverted else "SE",
        "SequenceVariant": ["SK", "SP"],
        "ScanOptions": "FS" if inverted else "",
        "MRAcquisitionType": "2D",
        "SequenceName": sequence.sequence_name,
        "PulseSequenceName": sequence.sequence_name,
        "RepetitionTime": f"{sequence.repetition_time:g}",
        "EchoTime": f"{sequence.echo_time:g}",
        "EchoTrainLength": sequence.echo_train_length,
        "EchoNumbers": 1,
        "FlipAngle": f"{sequence.flip_angle:g}",
        "NumberOfAverages": "2",
        "ImagingFrequency": "63.87",
        "ImagedNucleus": "1H",
        "MagneticFieldStrength": "1.5",
        "PixelBandwidth": "180",
        "ReceiveCoilName": "SPINE",
        "SpacingBetweenSlices": f"{gap:.6g}",
        "WindowCenter": str(sequence.window[0]),
        "WindowWidth": str(sequence.window[1]),
        "SeriesTime": protocol.start,
        "AcquisitionTime": protocol.start,
        "ContentTime": protocol.start,
        "InstanceCreationTime": protocol.start,
    }
    if inverted:
        values["InversionTime"] = f"{sequence.inversion_time:g}"
    if protocol.enhanced:
        values |= {
            "ContrastBolusAgent": "gadolinium chelate",
            "ContrastBolusRoute": "IV",
            "ContrastBolusStartTime": "104130",
            "ContrastBolusTotalDose": "15",
        }
    return values


def _write_truth(
    folder: Path, protocol: Protocol, stack: Stack, n: int, files: list[Path], regions: NDArray[np.uint16]
) -> None:
    segments = []
    for bit in protocol.parts:
        mask = (regions >> bit) & 1 == 1
        if mask.any():
            part = PARTS[bit]
            segments.append(Segment(part.label, mask, part.concept, part.tracking_id, part.laterality, part.site))
    if segments:
        write_segmentation(
            folder / "truth" / f"{stack_name(protocol, stack)}.seg.dcm",
            files,
            segments,
            number=100 + 10 * protocol.number + n,
            description=f"Truth, {protocol.description}",
        )
