"""Functional groups: what a multi-frame image says of all its frames together and of each (PS3.3 C.7.6.16).

Only the elements that Callout looks at are read, and only where the standard puts them; whatever else lies in a group,
private or nested, is skipped, so that depth and memory stay bounded whatever a file claims.
"""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

from callout.dicom.header import Unreadable
from callout.dicom.meta import VRS
from callout.dicom.tags import TAGS
from callout.dicom.walker import LONG_VRS, UNDEFINED, Beyond, Unusual, dialect, skip_sequence

Macro: TypeAlias = "dict[int, Macro | None]"

SHARED: Final = 0x52009229
PER_FRAME: Final = 0x52009230
CONTRAST_AGENTS: Final = 0x00180012
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

FRAME_TAGS: Final[dict[str, int]] = {  # what single-frame images say under another keyword, or not at all
    "AcquisitionDateTime": 0x0008002A,
    "CodeMeaning": 0x00080104,
    "FrameType": 0x00089007,
    "PulseSequenceName": 0x00189005,
    "EchoPulseSequence": 0x00189008,
    "InversionRecovery": 0x00189009,
    "EchoPlanarPulseSequence": 0x00189018,
    "FrameAcquisitionDateTime": 0x00189074,
    "InversionTimes": 0x00189079,
    "EffectiveEchoTime": 0x00189082,
    "TemporalPositionIndex": 0x00209128,
    "NominalCardiacTriggerDelayTime": 0x00209153,
    "FrameAcquisitionNumber": 0x00209156,
}


def _leaves(*keywords: str) -> Macro:
    return {TAGS.get(keyword) or FRAME_TAGS[keyword]: None for keyword in keywords}


UNASSIGNED: Final = _leaves(  # of the images that a legacy converted one was made of
    *("AcquisitionNumber", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime", "InstanceNumber"),
    *("ScanningSequence", "SequenceVariant", "ScanOptions", "MRAcquisitionType", "SequenceName", "ProtocolName"),
    *("RepetitionTime", "EchoTime", "InversionTime", "EchoNumbers", "FlipAngle", "TriggerTime", "KVP"),
    *("MagneticFieldStrength", "SliceThickness", "SpacingBetweenSlices", "GantryDetectorTilt", "ConvolutionKernel"),
    *("DiffusionBValue", "DiffusionGradientOrientation", "TemporalPositionIdentifier", "ContrastBolusAgent"),
    *("PatientPosition", "BodyPartExamined"),
)
GROUPS: Final[Macro] = {
    0x00289110: _leaves("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),  # PixelMeasuresSequence
    0x00209113: _leaves("ImagePositionPatient"),  # PlanePositionSequence
    0x00209116: _leaves("ImageOrientationPatient"),  # PlaneOrientationSequence
    0x00289145: _leaves("RescaleIntercept", "RescaleSlope", "RescaleType"),  # PixelValueTransformationSequence
    0x00289132: _leaves("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation"),  # FrameVOILUTSequence
    0x00209111: _leaves(  # FrameContentSequence
        *("FrameAcquisitionNumber", "FrameAcquisitionDateTime", "StackID", "InStackPositionNumber"),
        *("TemporalPositionIndex", "DimensionIndexValues"),
    ),
    0x00189226: _leaves("FrameType", "ComplexImageComponent"),  # MRImageFrameTypeSequence
    0x00189329: _leaves("FrameType"),  # CTImageFrameTypeSequence
    0x00189112: _leaves("RepetitionTime", "FlipAngle"),  # MRTimingAndRelatedParametersSequence
    0x00189114: _leaves("EffectiveEchoTime"),  # MREchoSequence
    0x00189115: _leaves("InversionRecovery", "InversionTimes"),  # MRModifierSequence
    0x00189117: {  # MRDiffusionSequence
        **_leaves("DiffusionBValue", "DiffusionDirectionality"),
        0x00189076: _leaves("DiffusionGradientOrientation"),  # DiffusionGradientDirectionSequence
    },
    0x00189118: _leaves("NominalPercentageOfCardiacPhase", "NominalCardiacTriggerDelayTime"),  # CardiacSynchronization
    0x00189197: _leaves("VelocityEncodingDirection"),  # MRVelocityEncodingSequence
    0x00189301: _leaves("AcquisitionType"),  # CTAcquisitionTypeSequence
    0x00189304: _leaves("GantryDetectorTilt"),  # CTAcquisitionDetailsSequence
    0x00189314: _leaves("ConvolutionKernel"),  # CTReconstructionSequence
    0x00189325: _leaves("KVP"),  # CTXRayDetailsSequence
    0x00209170: UNASSIGNED,  # UnassignedSharedConvertedAttributesSequence
    0x00209171: UNASSIGNED,  # UnassignedPerFrameConvertedAttributesSequence
}

LONG = frozenset(LONG_VRS)


def items_of(content: bytes, implicit: bool, order: str, macro: Macro, most: int) -> list[dict[int, bytes]]:
    """{tag: value} of each item of the sequence with these bytes: the elements that `macro` names, groups flattened.

    implicit, order: how the data set is written. Unreadable where there are more than `most`, or it is damaged.
    """
    implicit = implicit or content[12:14] not in VRS  # a sequence of value representation UN is implicit inside
    try:
        return _Reader(content, order).items(implicit, macro, most)
    except (struct.error, Unusual):
        raise Unreadable("its functional groups are damaged") from None
    except Beyond as reason:
        raise Unreadable(str(reason)) from None


class _Reader:
    def __init__(self, data: bytes, order: str) -> None:
        self.data = data
        self.order = order
        self.without = struct.Struct(f"{order}HHI").unpack_from
        self.with_vr = struct.Struct(f"{order}HH2sH").unpack_from
        self.length = struct.Struct(f"{order}I").unpack_from

    def items(self, implicit: bool, macro: Macro, most: int) -> list[dict[int, bytes]]:
        found: list[dict[int, bytes]] = []
        position, end = 0, len(self.data)
        while position < end:
            group, element, length = self.without(self.data, position)
            tag = group << 16 | element
            if tag == SEQUENCE_END:
                break
            if tag != ITEM:
                raise Unusual("no item")
            if len(found) == most:
                raise Unreadable(f"its functional groups have more than {most} items")
            found.append({})
            position = self._item(position + 8, length, implicit, macro, found[-1])
        return found

    def _item(self, position: int, length: int, implicit: bool, macro: Macro, into: dict[int, bytes]) -> int:
        """Puts the elements of an item whose content starts at `position` into `into`; returns where it ends."""
        data = self.data
        end = len(data) if length == UNDEFINED else position + length
        while position < end:
            if implicit:
                group, element, size = self.without(data, position)
                unknown = True
            else:
                group, element, vr, size = self.with_vr(data, position)
                unknown = vr == b"UN"
                if vr in LONG:
                    position += 4
                    (size,) = self.length(data, position + 4)
                elif vr not in VRS and group != 0xFFFE:
                    raise Unusual("an unknown value representation")
            position += 8
            tag = group << 16 | element
            if tag == ITEM_END:
                return position
            if tag in macro:
                inner = macro[tag]
                if inner is not None:
                    position = self._sequence(position, size, unknown, inner, into)
                    continue
                into[tag] = data[position : position + size]
            if size == UNDEFINED:
                position = skip_sequence(data, position, unknown, dialect(implicit, self.order), 0)
            else:
                position += size
        if position != end:
            raise Unusual("an element longer than its item")
        return position

    def _sequence(self, position: int, length: int, implicit: bool, macro: Macro, into: dict[int, bytes]) -> int:
        """As `_item`, of the first item of a sequence; a functional group has no other."""
        end = len(self.data) if length == UNDEFINED else position + length
        first = True
        while position < end:
            group, element, size = self.without(self.data, position)
            position += 8
            tag = group << 16 | element
            if tag == SEQUENCE_END:
                return position
            if tag != ITEM:
                raise Unusual("no item")
            position = self._item(position, size, implicit, macro if first else {}, into)
            first = False
        return position
