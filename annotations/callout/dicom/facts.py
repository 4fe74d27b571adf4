"""Facts that radiologists use and DICOM states badly: sequence, localizer, windows, and what views show."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from callout.dicom import diffusion
from callout.dicom.header import Header, Unreadable
from callout.dicom.kernel import kernel_of

LOCALIZER_WORDS = re.compile(r"\b(locali[sz]ers?|loc|scouts?|topograms?|surview|surveys?|pilot|3[- ]?plane)\b", re.I)
TEXTS = (
    *("SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "StudyDate", "StudyTime", "StudyDescription"),
    *("BodyPartExamined", "ProtocolName", "PatientPosition", "ConvolutionKernel", "RescaleType", "Laterality"),
    *(
        "LossyImageCompression",
        "ContrastBolusAgent",
        "ContrastBolusStartTime",
        "Manufacturer",
        "ManufacturerModelName",
        "MRAcquisitionType",
    ),
    *("SequenceName", "BurnedInAnnotation"),
)
NUMBERS = (
    *("SliceThickness", "SpacingBetweenSlices", "RepetitionTime", "EchoTime", "InversionTime", "FlipAngle", "KVP"),
    *("MagneticFieldStrength", "GantryDetectorTilt", "AcquisitionNumber", "RescaleSlope", "RescaleIntercept"),
)
LISTS = ("ImageType", "ScanningSequence", "SequenceVariant", "ScanOptions", "WindowCenterWidthExplanation")


def attributes_of(header: Header) -> dict[str, Any]:
    """DICOM facts by keyword, JSON-able, of the first image of a stack; the patient only as `patient_key`."""
    found: dict[str, Any] = {}
    for keyword in TEXTS:
        if value := header.text(keyword):
            found[keyword] = value
    for keyword in NUMBERS:
        if (number := lenient(header, keyword)) is not None:
            found[keyword] = number
    for keyword in LISTS:
        if values := header.texts(keyword):
            found[keyword] = list(values)
    if (b_value := diffusion.b_value(header)) is not None:
        found["DiffusionBValue"] = b_value
    if (kernel := kernel_of(header.texts("ConvolutionKernel"), windows_of(header))) is not None:
        found["kernel"] = kernel
    if key := patient_key(header):
        found["patient_key"] = key
    return found


def lenient(header: Header, keyword: str) -> float | None:
    """A number that nothing hangs on: None where it can't be read or is not finite."""
    try:
        number = header.number(keyword)
    except Unreadable:
        return None
    return number if number is not None and abs(number) < float("inf") else None


def patient_key(header: Header) -> str:
    """Tells patients apart without naming them: part of a SHA-256 of PatientID and its issuer; "" where unknown."""
    identity = header.text("PatientID"), header.text("IssuerOfPatientID")
    if not identity[0]:
        identity = header.text("PatientName"), header.text("PatientBirthDate")
    if not identity[0]:
        return ""
    return hashlib.sha256("\0".join(identity).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def windows_of(header: Header) -> tuple[tuple[float, float], ...]:
    """(centre, width) pairs, after rescale, in stored order; those without extent left out."""
    try:
        pairs = zip(header.numbers("WindowCenter"), header.numbers("WindowWidth"), strict=False)
        return tuple((centre, width) for centre, width in pairs if 0 < width < 1e9 and abs(centre) < 1e9)
    except Unreadable:
        return ()


def is_localizer(header: Header) -> bool:
    """Whether the image says it is a scout, in ImageType or in the series description."""
    kinds = " ".join(header.texts("ImageType")).upper()
    return "LOCALIZER" in kinds or bool(LOCALIZER_WORDS.search(header.text("SeriesDescription").replace("_", " ")))


def sequence_of(header: Header) -> str | None:
    """T1, T2, STIR, FLAIR, PD, DWI, ADC, T2* … of an MR image; from its timing first, then from its description."""
    if header.text("Modality") != "MR":
        return None
    words = " ".join((header.text("SeriesDescription"), header.text("ProtocolName"))).replace("_", " ").upper()
    kinds = {kind.upper() for kind in header.texts("ImageType")}
    if "ADC" in kinds or re.search(r"\bADC\b", words):
        return "ADC"
    weighted = (diffusion.b_value(header) or 0) > 0 or "DIFFUSION" in kinds or diffusion.direction(header)
    if weighted or re.search(r"\b(DWI|DTI|DIFF\w*|TRACEW?)\b", words):
        return "DWI"
    if kinds & {"SWI", "MNIP", "SWAN"} or re.search(r"\b(SWI\w*|SWAN|VEN ?BOLD)\b", words):
        return "SWI"
    return _by_timing(header, words) or _by_words(words)


def _by_timing(header: Header, words: str) -> str | None:
    repetition, echo = lenient(header, "RepetitionTime"), lenient(header, "EchoTime")
    inversion = lenient(header, "InversionTime")
    techniques = {part.upper() for part in header.texts("ScanningSequence")}
    if not repetition or echo is None:
        return None
    inverted = bool(inversion) and ("IR" in techniques or not techniques or "STIR" in words or "FLAIR" in words)
    if inverted and inversion is not None:
        if inversion >= 1400 and echo >= 60:
            return "FLAIR"
        if 80 <= inversion <= 300 and repetition >= 1200 and "GR" not in techniques:
            return "STIR"
        if echo < 30:
            return "T1"
    if "SE" not in techniques and techniques & {"GR", "EP"}:
        return _gradient_echo(header, repetition, echo, words)
    if echo >= 60:
        return "T2" if repetition >= 1200 else None
    if repetition < 1200 and echo <= 30:
        return "T1"
    return "PD" if repetition >= 1800 and echo <= 45 else None


def _gradient_echo(header: Header, repetition: float, echo: float, words: str) -> str | None:
    flip, name = lenient(header, "FlipAngle"), header.text("SequenceName").upper()
    if re.search(r"\b(FISP|TRUFI\w*|FIESTA|B-?TFE|B-?FFE|SSFP|TRUE ?FISP|CISS)\b", words) or re.match(r"\*?TFI", name):
        return "SSFP"
    if re.search(r"\b(TOF|MRA)\b", words) or "TOF" in name:
        return "TOF"
    if header.text("AngioFlag") == "Y" and not header.text("ContrastBolusAgent") and echo >= 2 and repetition < 60:
        return None if re.search(r"\b(PC|PHASE|VENC|FLOW)\b", words) else "TOF"
    if echo >= 12 and (flip is None or flip <= 40 or repetition >= 300):
        return "T2*"
    return "T1" if echo < 10 and (flip is None or flip >= 8) else None


WORDS: tuple[tuple[str, str], ...] = (
    ("FLAIR", r"\bFLAIR\b|DARK ?FLUID"),
    ("STIR", r"\bSTIR\b|\bTIRM\b"),
    ("SWI", r"\bSWI\b|\bSWAN\b"),
    ("TOF", r"\bTOF\b"),
    ("T2*", r"\bT2 ?\*|\bT2 ?STAR|\bGRE\b|\bMERGE\b|\bMEDIC\b"),
    ("PD", r"\bPD\w*\b|PROTON"),
    ("T2", r"\bT2\w*\b"),
    ("T1", r"\bT1\w*\b|\bVIBE\b|\bLAVA\b|\bMPRAGE\b|\bTHRIVE\b"),
)


def _by_words(words: str) -> str | None:
    return next((name for name, pattern in WORDS if re.search(pattern, words)), None)
