"""Whether the values of two series can be compared: MR signal has no unit, so only beside the same T1 sequence."""

from __future__ import annotations

import re

from callout.volume import Series

SAME_PART = 0.1  # TR, TE, TI and flip angle differ by no more than this part
TIMING = ("RepetitionTime", "EchoTime", "InversionTime", "FlipAngle")
SCALING = {"RescaleSlope": 1.0, "RescaleIntercept": 0.0}  # as good as what is left out (PS3.3 C.11.1)
FAT_WORDS = re.compile(
    r"\b(?<!non.)(?<!no.)(?<!w/o.)(?<!without.)"  # "T1 non FS"
    r"((t1[- ]?)?fs\b|fat[- ]?(sat|sup)\w*|(spir|spair|chess|water|m?dixon[- ]?w)\b)",
    re.I,
)
FAT_OPTIONS = ("FS", "FATSAT", "FAT_SAT")  # of ScanOptions (PS3.3 C.8.3.1.1.2)


def incomparable(series: Series, other: Series) -> str:
    """Why the values of two series can't be compared; "" where they can.

    They can in two CTs, and in two T1 series that were made and scaled alike, of one frame of reference. Whether they
    were taken before or after contrast is not looked at.
    """
    frame = series.grid.frame_of_reference_uid
    if not frame or frame != other.grid.frame_of_reference_uid:
        return "the series have different frames of reference"
    if (series.modality, other.modality) == ("CT", "CT"):
        return ""
    if (series.modality, other.modality) != ("MR", "MR") or {series.sequence, other.sequence} != {"T1"}:
        return "only two CTs or two T1 series can be"
    for keyword in TIMING:
        one, two = (_number(each, keyword, 0.0) for each in (series, other))
        if abs(one - two) > SAME_PART * max(abs(one), abs(two)):
            return f"{keyword} is {one:g} and {two:g}"
    for keyword, left_out in SCALING.items():
        one, two = (_number(each, keyword, left_out) for each in (series, other))
        if one != two:
            return f"{keyword} is {one:g} and {two:g}"
    kinds = [set(each.attributes.get("ScanningSequence") or ()) for each in (series, other)]
    if all(kinds) and kinds[0] != kinds[1]:
        return f"ScanningSequence is {'/'.join(sorted(kinds[0]))} and {'/'.join(sorted(kinds[1]))}"
    if is_fat_suppressed(series) != is_fat_suppressed(other):
        return "fat is suppressed in one of them"
    return ""


def is_fat_suppressed(series: Series) -> bool:
    """Whether ScanOptions or the words of the description say so."""
    options = {str(option).upper() for option in series.attributes.get("ScanOptions") or ()}
    words = f"{series.description} {series.attributes.get('ProtocolName', '')}".replace("_", " ")
    return not options.isdisjoint(FAT_OPTIONS) or bool(FAT_WORDS.search(words))


def _number(series: Series, keyword: str, left_out: float) -> float:
    value = series.attributes.get(keyword)
    return left_out if value is None else float(value)
