"""The content tree of a structured report (PS3.3 C.17.3), read with pydicom: items by the code of their name."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callout.errors import InputError
from callout.exports import sr_codes
from callout.terms import Code

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

STRUCTURED_REPORTS = {
    "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text SR",
    "1.2.840.10008.5.1.4.1.1.88.22": "Enhanced SR",
    "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive SR",
    "1.2.840.10008.5.1.4.1.1.88.34": "Comprehensive 3D SR",
}
LARGEST = 16 << 20  # bytes of a report, and of its data set once inflated: real ones take a hundredth of it
MOST_ITEMS = 200_000  # of all its sequences
MOST_ESCAPES = 20_000  # changes of character set: each takes pydicom as long as a whole text
ITEM = b"\xfe\xff\x00\xe0"
ITEM_BIG_ENDIAN = b"\xff\xfe\xe0\x00"
TITLES = ("126000", "126001", "126002", "126003")  # CID 7021
Key = tuple[str, str]  # scheme and value of a code


def document(path: Path) -> Dataset:
    """The data set of a measurement report; InputError where it is another document, or larger than any real one."""
    import pydicom

    _refuse_bomb(path)
    dataset = pydicom.dcmread(path)
    if dataset.get("SOPClassUID") not in STRUCTURED_REPORTS:
        raise InputError("not a structured report (SOPClassUID)", path, "choose an SR")
    title = key_of(dataset)
    if title is None or title not in {("DCM", value) for value in TITLES}:
        what = f"a structured report of another kind than TID 1500 ({meaning_of(dataset) or 'without a title'})"
        raise InputError(what, path, "choose a measurement report")
    return dataset


def _refuse_bomb(path: Path) -> None:
    from pydicom.filereader import read_file_meta_info

    from callout.dicom.header import inflated
    from callout.dicom.meta import data_set_start
    from callout.dicom.syntaxes import DEFLATED

    size = path.stat().st_size
    if size <= LARGEST:
        data = path.read_bytes()
        if read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED:
            data = inflated(data[data_set_start(data) :], LARGEST + 1)
            size = len(data)
    if size > LARGEST:
        raise InputError(f"a structured report of more than {LARGEST >> 20} MiB", path, "export it again")
    if data.count(b"\x1b") > MOST_ESCAPES:
        raise InputError(
            "a structured report whose texts change their character set all the time", path, "export it again"
        )
    if max(data.count(ITEM), data.count(ITEM_BIG_ENDIAN)) > MOST_ITEMS:
        raise InputError(f"a structured report of more than {MOST_ITEMS} items", path, "export it again")


def children(item: Dataset) -> Sequence[Dataset]:
    """The content items below one."""
    return item.get("ContentSequence") or []


def key_of(item: Dataset, keyword: str = "ConceptNameCodeSequence") -> Key | None:
    """Scheme and value of the code in a sequence; None where there is none. SNOMED's old values become the new ones."""
    for code in item.get(keyword) or []:
        value = code.get("CodeValue") or code.get("LongCodeValue") or code.get("URNCodeValue")
        if value:
            return _renewed(str(code.get("CodingSchemeDesignator", "")), str(value))
    return None


def _renewed(scheme: str, value: str) -> Key:
    if scheme in ("SRT", "SNM3", "99SDM"):
        from pydicom.sr._snomed_dict import mapping

        new = mapping["SRT"].get(value)
        return ("SCT", new) if new else (scheme, value)
    return scheme, value


def meaning_of(item: Dataset, keyword: str = "ConceptNameCodeSequence") -> str:
    """The meaning of that code, in words; "" where there is none."""
    for code in item.get(keyword) or []:
        return str(code.get("CodeMeaning") or "")
    return ""


def is_named(item: Dataset, *names: Code) -> bool:
    """Whether a content item has one of these names."""
    return key_of(item) in {(name.scheme, name.value) for name in names}


def named(item: Dataset, *names: Code) -> Iterator[Dataset]:
    """The items right below one that have one of these names."""
    return (child for child in children(item) if is_named(child, *names))


def measurement_groups(dataset: Dataset) -> list[Dataset]:
    """The measurement groups of a report, in its order."""
    return [
        group
        for container in named(dataset, sr_codes.MEASUREMENTS)
        for group in named(container, sr_codes.GROUP)
        if group.get("ValueType") == "CONTAINER"
    ]


def number_of(item: Dataset) -> tuple[float, Key | None, str] | None:
    """The value of a NUM, the code of its unit and the unit in words; None where it has no value."""
    for measured in item.get("MeasuredValueSequence") or []:
        precise = measured.get("FloatingPointValue")
        value = measured.get("NumericValue") if precise is None else precise
        if value is None or value == "":
            continue
        return float(value), key_of(measured, "MeasurementUnitsCodeSequence"), _unit(measured)
    return None


def _unit(measured: Dataset) -> str:
    for code in measured.get("MeasurementUnitsCodeSequence") or []:
        value = str(code.get("CodeValue") or "")
        return "" if value == "1" else str(code.get("CodeMeaning") or "") if value.startswith("{") else value
    return ""


def reference(item: Dataset) -> tuple[str, tuple[int, ...], tuple[int, ...]] | None:
    """What an IMAGE refers to: SOPInstanceUID, frame numbers, segment numbers."""
    for one in item.get("ReferencedSOPSequence") or []:
        numbers = (_numbers(one.get(keyword)) for keyword in ("ReferencedFrameNumber", "ReferencedSegmentNumber"))
        frames, segments = numbers
        return str(one.get("ReferencedSOPInstanceUID") or ""), frames, segments
    return None


def _numbers(value: Any) -> tuple[int, ...]:
    """An element's values, however many it has."""
    if value is None or value == "":
        return ()
    return tuple(int(one) for one in value) if isinstance(value, MutableSequence) else (int(value),)
