"""Contrast: whether a series was taken before or after it was given, as far as its headers tell.

ContrastBolusAgent alone is unreliable: many scanners carry it through the whole study, or leave it out. What the
description says counts first; then an agent that some series of the study have and others have not; then the order of
time. Where a value comes from stands in attributes["contrast_from"]: "description", "agent" or "order"; the last two
are inferred.

The phase of a CT is told in the same way: attributes["phase"] is "arterial", "portal venous", "delayed" …, and
attributes["phase_from"] "description", or "time" where it is inferred from the seconds since the bolus was given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from callout.volume import Series

AFTER_WORDS = re.compile(
    r"\+\s*(c|k|km|gd|gad|contrast)\b|\bpost(contrast|km|gd|c)?\b(?![- ]?(op|proc|void|treat|surg|rt\b|chemo"
    r"|fossa|mortem|biops|ablat|resect))"
    r"|\b(km|gd|gad|gado\w*|ce|contrast|enhanced|with c|mit km|arterial|portal|venous phase|delayed)\b",
    re.I,
)
BEFORE_WORDS = re.compile(
    r"\b(pre(?![- ]?(op|proc|void|treat|surg))|nativ\w*|unenhanced|precontrast|non[- ]?(contrast|enhanced)|no contrast"
    r"|(without|w/?o|ohne) (c|contrast|gd|gad\w*|iv|km))\b|(?<=\s)-c$",
    re.I,
)
NO_CONTRAST_MEANT = re.compile(
    r"phase[ -]contrast|arterial spin|magneti[sz]ation transfer contrast|\bhigh[ -]contrast|soft tissue contrast"
    r"|enhanced conversion",  # of a legacy converted enhanced image
    re.I,
)
PHASE_WORDS: tuple[tuple[str, str], ...] = (
    (
        "portal venous",
        r"\b(portal|porto)[- ]?ven\w*|\bpv ?(phase|ph)\b|\bpvp\b|\bvenous\b|\bven(ös|oes|os)\w*\b|\bportal\b",
    ),
    ("late arterial", r"\blate[- ]art\w*|\bsp(ä|ae|a)tart\w*"),
    ("arterial", r"\bart(erial|eriell?|\b)|\bhap\b|\bangio\w*"),
    ("nephrographic", r"\bnephro\w*"),
    ("excretory", r"\bexcret\w*|\burogra\w*|\bpyelo\w*"),
    ("delayed", r"\bdelay(ed)?\b|\bequilibrium\b|\blate\b|\bsp(ä|ae)t\w*"),
)
PHASE_TIMES: tuple[tuple[float, float, str], ...] = (  # seconds after the bolus was begun, CT of the trunk
    (15, 30, "arterial"),
    (30, 50, "late arterial"),
    (55, 100, "portal venous"),
    (120, 1200, "delayed"),
)
NO_AGENT = re.compile(r"^(no|none|nein|without|0|n/?a|-+)$", re.I)


def with_contrast(series: Sequence[Series]) -> list[Series]:
    """The series of a scan, in the same order, with `contrast` filled in: "post-contrast", "pre-contrast" or None."""
    studies: dict[str, list[Series]] = {}
    for one in series:
        studies.setdefault(one.study_uid, []).append(one)
    found: dict[int, tuple[str, str]] = {}
    for members in studies.values():
        found |= _of_study([one for one in members if not one.is_localizer])
    return [_with_phase(_with(one, *found[id(one)])) if id(one) in found else one for one in series]


def _with(one: Series, contrast: str, stated: str) -> Series:
    return replace(one, contrast=contrast, attributes=one.attributes | {"contrast_from": stated})


def _with_phase(one: Series) -> Series:
    """`one` with its phase, where it is a CT after contrast and anything tells."""
    if one.modality != "CT" or one.contrast != "post-contrast":
        return one
    words = one.description.replace("_", " ")
    phase = next((name for name, pattern in PHASE_WORDS if re.search(pattern, words, re.I)), None)
    stated = "description"
    if phase is None and (since := _seconds_since_bolus(one)) is not None:
        phase = next((name for first, last, name in PHASE_TIMES if first <= since < last), None)
        stated = "time"
    return one if phase is None else replace(one, attributes=one.attributes | {"phase": phase, "phase_from": stated})


def _seconds_since_bolus(one: Series) -> float | None:
    begun, taken = (
        _seconds(str(one.attributes.get(name, ""))) for name in ("ContrastBolusStartTime", "AcquisitionTime")
    )
    return None if begun is None or taken is None else taken - begun


def _seconds(time: str) -> float | None:
    try:
        return int(time[:2]) * 3600 + int(time[2:4]) * 60 + float(time[4:] or 0)
    except ValueError:
        return None


def _of_study(members: list[Series]) -> dict[int, tuple[str, str]]:
    """(contrast, where that comes from) by the identity of each series that anything is known of."""
    found: dict[int, tuple[str, str]] = {}
    for one in members:
        if (stated := _by_description(one)) is not None:
            found[id(one)] = stated, "description"
    magnetic = [one for one in members if one.modality == "MR"]
    agents = [one for one in members if _has_agent(one)]
    everywhere = len(magnetic) > 1 and all(_has_agent(one) for one in magnetic)
    for one in agents:
        if not (everywhere and one.modality == "MR"):
            found.setdefault(id(one), ("post-contrast", "agent"))
    after = sorted(time for one in magnetic if found.get(id(one), ("",))[0] == "post-contrast" and (time := _time(one)))
    for one in magnetic:
        if after and (time := _time(one)):
            found.setdefault(id(one), ("pre-contrast" if time < after[0] else "post-contrast", "order"))
    return found


def _by_description(one: Series) -> str | None:
    protocol = one.attributes.get("ProtocolName", "") if one.modality == "CT" else ""
    words = NO_CONTRAST_MEANT.sub(" ", f"{one.description} {protocol}".replace("_", " "))
    if BEFORE_WORDS.search(words):
        return "pre-contrast"
    return "post-contrast" if AFTER_WORDS.search(words) else None


def _has_agent(one: Series) -> bool:
    agent = str(one.attributes.get("ContrastBolusAgent", "")).strip()
    return bool(agent) and not NO_AGENT.match(agent)


def _time(one: Series) -> str:
    """Date and time at which the first image was taken; "" where unknown. Text that sorts as time does."""
    facts = one.attributes
    date = facts.get("AcquisitionDate") or facts.get("SeriesDate") or ""
    time = facts.get("AcquisitionTime") or facts.get("SeriesTime") or ""
    return f"{date}{time}" if date and time else ""
