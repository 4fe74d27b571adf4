"""Multi-frame images: each frame as an image of its own, its facts under the keywords of single-frame images.

What the data set says holds for all frames, what the shared functional groups say comes before it, and what a frame's
own groups say before both.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from callout.dicom.groups import CONTRAST_AGENTS, FRAME_TAGS, GROUPS, PER_FRAME, SHARED, items_of
from callout.dicom.header import Header, Unreadable, read_header
from callout.dicom.image import Image, check_pixel_data, image_of
from callout.dicom.syntaxes import IMPLICIT
from callout.dicom.tags import TAGS

MOST_FRAMES = 1 << 16
MORE = frozenset((SHARED, PER_FRAME, CONTRAST_AGENTS, *FRAME_TAGS.values()))

Values = dict[int, bytes]

RENAMED = (  # as in a frame's groups, as in a single-frame image, and how the first is written
    ("FrameType", "ImageType", ""),
    ("PulseSequenceName", "SequenceName", ""),
    ("EffectiveEchoTime", "EchoTime", "d"),
    ("InversionTimes", "InversionTime", "d"),
    ("NominalCardiacTriggerDelayTime", "TriggerTime", "d"),
    ("FrameAcquisitionNumber", "AcquisitionNumber", "H"),
    ("TemporalPositionIndex", "TemporalPositionIdentifier", "I"),
)
PLACES = tuple((FRAME_TAGS[old], TAGS[new], kind) for old, new, kind in RENAMED)
TECHNIQUES = (  # ScanningSequence of the single-frame image from what the enhanced one says (PS3.3 C.8.13.4)
    ("EchoPulseSequence", (b"SPIN", b"BOTH"), b"SE"),
    ("EchoPulseSequence", (b"GRADIENT", b"BOTH"), b"GR"),
    ("EchoPlanarPulseSequence", (b"YES",), b"EP"),
    ("InversionRecovery", (b"YES",), b"IR"),
)


def frames_of(header: Header) -> list[Image]:
    """The images of a multi-frame file, in the order of its frames. Unreadable where one of them is not sound."""
    count = _number_of_frames(header)
    whole = read_header(header.path, more=MORE)
    if PER_FRAME not in whole.values:
        raise Unreadable(
            f"NumberOfFrames is {count} and PerFrameFunctionalGroupsSequence is missing: where frames lie is unknown"
        )
    implicit = whole.transfer_syntax == IMPLICIT
    frames = items_of(whole.values.pop(PER_FRAME), implicit, whole.order, GROUPS, count)
    if len(frames) != count:
        raise Unreadable(f"NumberOfFrames is {count}, PerFrameFunctionalGroupsSequence has {len(frames)} items")
    base = _base(whole, implicit)
    if count == 1 and b"MOSAIC" in base.get(TAGS["ImageType"], b""):
        raise Unreadable("ImageType says MOSAIC in an enhanced image of one frame: many slices in one picture")
    images: list[Image] = []
    before = (_file_number(whole) - 1) * count
    for number, groups in enumerate(frames, 1):
        numbered = {TAGS["InstanceNumber"]: b"%d" % (before + number)}
        view = replace(whole, values=base | numbered | _classic(groups, whole.order))
        try:
            images.append(image_of(view, number))
        except Unreadable as reason:
            raise Unreadable(f"frame {number}: {reason}") from None
    return _placed(whole, images)


def _number_of_frames(header: Header) -> int:
    stated = header.number("NumberOfFrames")
    if stated is None:
        raise Unreadable("has no NumberOfFrames")
    if not 1 <= stated <= MOST_FRAMES or stated != int(stated):
        raise Unreadable(f"NumberOfFrames is {stated:g}: from 1 to {MOST_FRAMES} are read")
    return int(stated)


def _file_number(whole: Header) -> int:
    """InstanceNumber of the file, from 1: frames are numbered on through the files of a series that are alike."""
    try:
        number = whole.number("InstanceNumber") or 1
    except Unreadable:
        return 1
    return int(number) if 1 <= number <= 1 << 20 else 1


def _base(whole: Header, implicit: bool) -> Values:
    """What holds for all frames."""
    values = whole.values
    shared, agents = values.pop(SHARED, b""), values.pop(CONTRAST_AGENTS, b"")
    groups = items_of(shared, implicit, whole.order, GROUPS, 1) if shared else []
    common = values | groups[0] if groups else values
    base = values | _classic(common, whole.order)
    if agents:
        meaning = FRAME_TAGS["CodeMeaning"]
        named = [one[meaning] for one in items_of(agents, implicit, whole.order, {meaning: None}, 64) if meaning in one]
        base.setdefault(TAGS["ContrastBolusAgent"], b"\\".join(named))
    stated = {keyword: common.get(FRAME_TAGS[keyword], b"").strip(b"\0 ") for keyword, _, _ in TECHNIQUES}
    if techniques := [name for keyword, said, name in TECHNIQUES if stated[keyword] in said]:
        base.setdefault(TAGS["ScanningSequence"], b"\\".join(techniques))
    base.pop(TAGS["NumberOfFrames"], None)
    return base


def _classic(groups: Values, order: str) -> Values:
    """Elements of functional groups with those renamed that single-frame images have under another keyword."""
    values = dict(groups)
    for old, new, kind in PLACES:
        raw = values.pop(old, None)
        if raw:
            values[new] = _as_text(raw, kind, order)
    for keyword in ("AcquisitionDateTime", "FrameAcquisitionDateTime"):
        if moment := values.pop(FRAME_TAGS[keyword], b"").strip(b"\0 "):
            values[TAGS["AcquisitionDate"]] = moment[:8]
            values[TAGS["AcquisitionTime"]] = moment[8:].partition(b"+")[0].partition(b"-")[0]
    return values


def _as_text(raw: bytes, kind: str, order: str) -> bytes:
    """Binary numbers as the decimal string that a single-frame image would have."""
    if not kind:
        return raw
    size = struct.calcsize(kind)
    numbers = struct.unpack_from(f"{order}{len(raw) // size}{kind}", raw)
    return b"\\".join(b"%.10g" % number for number in numbers)


def _placed(whole: Header, images: list[Image]) -> list[Image]:
    """`images` with the places of their own pixels."""
    pixels = images[0].form.pixels
    check_pixel_data(whole, pixels, len(images))
    if whole.pixel_length is None:
        return images
    size, start = pixels.rows * pixels.columns * (pixels.bits_allocated // 8), whole.pixel_offset or 0
    return [
        replace(image, header=replace(image.header, pixel_offset=start + k * size, pixel_length=size))
        for k, image in enumerate(images)
    ]
