"""Differences: what tells images at one place apart (echo, b-value, phase …), and how they fall into parts by it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from callout.dicom import diffusion
from callout.dicom.facts import lenient
from callout.dicom.header import Unreadable
from callout.dicom.image import Image
from callout.dicom.places import SAME_FIELD_MM, clusters, field_of
from callout.dicom.tags import TAGS

Value = float | str | tuple[float, ...]
Levels = Mapping[int, int]  # which level the image of an id() lies on
Groups = dict[str, list[Image]]

SAME_GRADIENT = 0.02  # components of unit vectors
MOST_DIMENSIONS = 8
RAW_DATA_TYPES = ("magnitude", "phase", "real", "imaginary")  # of GE, by number


@dataclass(frozen=True)
class Difference:
    """One way in which images at one place may differ.

    prefix, what: how a part is named, and the element that tells.
    value: of one image; "" where it has none. near: how close numbers are that count as the same, a share of them.
    """

    prefix: str
    what: str
    value: Callable[[Image], Value]
    near: float = 0.0
    apart: float = 0.0

    def groups(self, images: Sequence[Image]) -> Groups:
        """Parts by name, in natural order; the order of images is kept in each."""
        values = {id(image): self.value(image) for image in images}
        distinct = set(values.values())
        if len(distinct) == 1:
            return {"": list(images)}
        if any(isinstance(value, tuple) for value in distinct):
            return self._near_vectors(images, values)
        names = self._names(distinct)
        found: Groups = {}
        for image in images:
            found.setdefault(names[values[id(image)]], []).append(image)
        return {name: found[name] for name in sorted(found, key=_natural)}

    def _names(self, distinct: set[Value]) -> dict[Value, str]:
        """What each value is called; numbers that are near have one name."""
        names: dict[Value, str] = {}
        first, name = 0.0, ""
        for value in sorted(value for value in distinct if isinstance(value, float)):
            if not name or value - first > self.near * abs(first):
                first, name = value, f"{value:g}"
                if name in names.values():
                    name = repr(value)
            names[value] = name
        texts: dict[Value, str] = {value: value for value in distinct if isinstance(value, str)}
        return names | (_without_common_words(texts) if self.prefix == "type" else texts)

    def _near_vectors(self, images: Sequence[Image], values: Mapping[int, Value]) -> Groups:
        """Parts by vectors that are near, numbered by where in the series they start; without a vector: "none"."""

        def near(a: Image, b: Image) -> bool:
            one, other = values[id(a)], values[id(b)]
            if not (isinstance(one, tuple) and isinstance(other, tuple)):
                return False
            return all(abs(p - q) <= self.apart for p, q in zip(one, other, strict=True))

        found = clusters(images, lambda image: values[id(image)], near)
        found.sort(key=lambda group: min(_instance_number(image) for image in group))
        named: Groups = {}
        for group in found:
            directed = isinstance(values[id(group[0])], tuple)
            named[str(len(named) - ("" in named) + 1) if directed else ""] = group
        return named


def _natural(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


def _without_common_words(texts: dict[Value, str]) -> dict[Value, str]:
    """Texts of words between dashes, each without the words that all have."""
    common = set.intersection(*(set(text.split("-")) for text in texts.values())) if texts else set()
    return {
        value: "-".join(word for word in text.split("-") if word not in common) or text for value, text in texts.items()
    }


def _number(keyword: str) -> Callable[[Image], Value]:
    def value(image: Image) -> Value:
        try:
            number = image.header.number(keyword)
        except Unreadable:  # no number, but it may still tell images apart
            return image.header.text(keyword)
        return "" if number is None else number

    return value


def _text(*keywords: str) -> Callable[[Image], Value]:
    def value(image: Image) -> Value:
        return "-".join(" ".join(image.header.text(keyword) for keyword in keywords).lower().split())

    return value


def _b_value(image: Image) -> Value:
    found = diffusion.b_value(image.header)
    return "" if found is None else found


def _direction(image: Image) -> Value:
    return diffusion.direction(image.header) or ""


def _kind(image: Image) -> Value:
    return "-".join(image.header.texts("ImageType")[2:]).lower()


def _origin(image: Image) -> Value:
    return "-".join(image.header.texts("ImageType")[:2]).lower()


def _component(image: Image) -> Value:
    """Magnitude, phase, real or imaginary, where ImageType does not tell."""
    if stated := image.header.text("ComplexImageComponent"):
        return stated.lower()
    raw = (
        image.header.values.get(TAGS["GERawDataType"], b"")
        if "GE MED" in image.header.text("Manufacturer").upper()
        else b""
    )
    number = int.from_bytes(raw, "little" if image.header.order == "<" else "big") if len(raw) == 2 else -1
    return RAW_DATA_TYPES[number] if 0 <= number < len(RAW_DATA_TYPES) else ""


def _cardiac_phase(image: Image) -> Value:
    found = image.header.singles("NominalPercentageOfCardiacPhase")
    return float(found[0]) if found else ""


def _dimension(place: int) -> Callable[[Image], Value]:
    """One of the dimensions that a multi-frame image is ordered by (PS3.3 C.7.6.17)."""

    def value(image: Image) -> Value:
        indices = image.header.longs("DimensionIndexValues")
        return float(indices[place]) if place < len(indices) else ""

    return value


def _instance_number(image: Image) -> tuple[float, str, int]:
    number = lenient(image.header, "InstanceNumber")
    return (float("inf") if number is None else number), image.path, image.frame


DIFFERENCES: tuple[Difference, ...] = (
    Difference("field", "ImagePositionPatient", field_of, apart=SAME_FIELD_MM),
    Difference("te", "EchoTime", _number("EchoTime"), near=0.02),
    Difference("echo", "EchoNumbers", _number("EchoNumbers")),
    Difference("b", "DiffusionBValue", _b_value),
    Difference("direction", "DiffusionGradientOrientation", _direction, apart=SAME_GRADIENT),
    Difference(
        "velocity",
        "VelocityEncodingDirection",
        lambda image: image.header.doubles("VelocityEncodingDirection") or "",
        apart=SAME_GRADIENT,
    ),
    Difference("diffusion", "DiffusionDirectionality", _text("DiffusionDirectionality")),
    Difference("ti", "InversionTime", _number("InversionTime"), near=0.01),
    Difference("type", "ImageType", _kind),
    Difference("component", "ComplexImageComponent", _component),
    Difference("phase", "TemporalPositionIdentifier", _number("TemporalPositionIdentifier")),
    Difference("cardiac", "NominalPercentageOfCardiacPhase", _cardiac_phase),
    Difference("acquisition", "AcquisitionNumber", _number("AcquisitionNumber")),
    Difference("trigger", "TriggerTime", _number("TriggerTime")),
    Difference("kernel", "ConvolutionKernel", _text("ConvolutionKernel")),
    Difference("kvp", "KVP", _number("KVP"), near=0.01),
    Difference("flip", "FlipAngle", _number("FlipAngle")),
    Difference("tr", "RepetitionTime", _number("RepetitionTime"), near=0.02),
    Difference("thickness", "SliceThickness", _number("SliceThickness"), near=0.02),
    Difference("sequence", "SequenceName", _text("SequenceName")),
    Difference("derived", "ImageType", _origin),
    Difference("agent", "ContrastBolusAgent", _text("ContrastBolusAgent")),
    Difference("number", "SeriesNumber", _number("SeriesNumber")),
    Difference("description", "SeriesDescription", _text("SeriesDescription")),
    Difference("stack", "StackID", _text("StackID")),
    *(
        Difference(f"dimension-{place + 1}", "DimensionIndexValues", _dimension(place))
        for place in range(MOST_DIMENSIONS)
    ),
)


def levels_by_image(levels: Sequence[Sequence[Image]]) -> Levels:
    """The number of the level that each image lies on, by its identity."""
    return {id(image): number for number, level in enumerate(levels) for image in level}


def depth(images: Sequence[Image], level: Levels) -> int:
    """How many of `images` lie on one level, at most."""
    return max(Counter(level[id(image)] for image in images).values())


def tells_apart(groups: Groups, level: Levels, deepest: int) -> bool:
    """Whether parts are whole stacks laid over one another, and not images that differ by chance.

    The depths of the parts make up the depth of all: noise, or a number for each half of a scan, leaves places that
    are taken as often as before.
    """
    if not 1 < len(groups) <= 2 * deepest:
        return False
    depths = [depth(group, level) for group in groups.values()]
    if len(groups) <= deepest and sum(depths) == deepest:
        return True
    return max(depths) == 1 and min(map(len, groups.values())) > 1  # scans that overlap one after the other


def take_turns(groups: Groups, level: Levels) -> bool:
    """Whether parts are visits to places side by side, to each as often: a table that goes to and fro."""
    visited = Counter(frozenset(level[id(image)] for image in group) for group in groups.values())
    return (
        len(visited) > 1
        and min(visited.values()) == max(visited.values()) > 1
        and sum(map(len, visited)) == len(frozenset().union(*visited))
    )


Moment = Callable[[Image], float | None]


def seconds(keyword: str) -> Moment:
    """A time (TM) in seconds, on from its date (DA) where that is stated; None where it is missing or none."""
    date = keyword.replace("Time", "Date")

    def moment(image: Image) -> float | None:
        text = image.header.text(keyword).replace(":", "")
        try:
            of_day = int(text[:2]) * 3600 + int(text[2:4] or 0) * 60 + float(text[4:] or 0)
        except ValueError:
            return None
        return 86400 * _day(image.header.text(date)) + of_day

    return moment


def _day(text: str) -> int:
    """The number of a day (DA); 0 where it is missing or none."""
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal()
    except ValueError:
        return 0


def passes(images: Sequence[Image], level: Levels, deepest: int, moment: Moment) -> list[list[Image]] | None:
    """Images in the order of time, a new pass wherever a place is taken again; the last may be incomplete.

    None where times are missing, or don't make as many passes as places are taken.
    """
    moments = {id(image): moment(image) for image in images}
    if None in moments.values():
        return None
    taken: set[tuple[Hashable, int]] = set()
    found: list[list[Image]] = [[]]
    seen: set[int] = set()
    for image in sorted(images, key=lambda image: (moments[id(image)] or 0.0, level[id(image)])):
        here = level[id(image)]
        if (moments[id(image)], here) in taken:
            return None
        taken.add((moments[id(image)], here))
        if here in seen:
            found.append([])
            seen = set()
        seen.add(here)
        found[-1].append(image)
    return found if len(found) == deepest else None


def ranks(levels: Sequence[Sequence[Image]], moment: Moment) -> list[list[Image]] | None:
    """The first image in time of every place, the second …: scans that take all their phases slice by slice.

    None where places are not taken equally often, or a place has an image without a time, or two of one time.
    """
    deepest = len(levels[0])
    found: list[list[Image]] = [[] for _ in range(deepest)]
    for level in levels:
        moments = {id(image): moment(image) for image in level}
        if len(level) != deepest or None in moments.values() or len(set(moments.values())) < deepest:
            return None
        for number, image in enumerate(sorted(level, key=lambda image: moments[id(image)] or 0.0)):
            found[number].append(image)
    return found


PASSES: tuple[tuple[str, Moment], ...] = (
    ("AcquisitionTime", seconds("AcquisitionTime")),
    ("ContentTime", seconds("ContentTime")),
)
RANKS: tuple[tuple[str, Moment], ...] = (
    ("TriggerTime", lambda image: lenient(image.header, "TriggerTime")),
    *PASSES,
)


def in_order_of_time(
    images: Sequence[Image], levels: Sequence[Sequence[Image]], orders: Sequence[tuple[str, Moment]]
) -> tuple[str, list[list[Image]]] | None:
    """The keyword by whose order images fall into passes, and the passes; None where none does."""
    level, deepest = levels_by_image(levels), max(map(len, levels))
    for keyword, moment in orders:
        found = passes(images, level, deepest, moment) or ranks(levels, moment)
        if found is not None:
            return keyword, found
    return None


def by_number(images: Sequence[Image], levels: Sequence[Sequence[Image]]) -> tuple[str, list[list[Image]]] | None:
    """As `in_order_of_time`, by InstanceNumber, or by the order of frames in one file.

    None where places are not taken equally often, or a number is not new.
    """
    frames = len({image.path for image in images}) == 1
    keyword = "the order of frames" if frames else "InstanceNumber"

    def number(image: Image) -> float | None:
        return image.frame if frames else lenient(image.header, "InstanceNumber")

    numbers = {number(image) for image in images}
    if len(levels) < 2 or len({len(level) for level in levels}) > 1 or len(numbers) < len(images):
        return None
    return in_order_of_time(images, levels, [(keyword, number)])
