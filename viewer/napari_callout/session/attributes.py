"""The DICOM attributes of one file, as rows to be read: who the patient is stays hidden until asked. Pure.

Pixels are never read, nor any value that is larger than it could be read by eye.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from callout.dicom.patience import Patience
from callout.dicom.sources import open_binary
from callout.dicom.syntaxes import DEFLATED
from callout.errors import InputError, printable

HIDDEN = "hidden"
MOST_ROWS, MOST_ITEMS, DEEPEST = 5000, 64, 8
LARGEST = 4 << 20  # bytes of one value; larger ones are counted, not read
LONGEST = 300  # characters of a value
FIRST_READ = 4096
PATIENT, PRIVATE_TEXTS = 0x0010, ("LO", "SH", "LT", "ST", "UT", "UC", "PN", "UN", "DA", "DT", "AS", "CS", "AE", "UR")
OF_ANYONE = ("PatientSex", "PatientAge", "PatientSize", "PatientWeight", "PatientIdentityRemoved",
             "DeidentificationMethod", "DeidentificationMethodCodeSequence", "PregnancyStatus")  # fmt: skip
IDENTIFYING = ("AccessionNumber", "AdmissionID", "CurrentPatientLocation", "FillerOrderNumberImagingServiceRequest",
               "PlacerOrderNumberImagingServiceRequest", "RequestedProcedureID", "ScheduledProcedureStepID",
               "PerformedProcedureStepID", "StudyID", "ServiceEpisodeID", "CountryOfResidence",
               "RegionOfResidence")  # fmt: skip
IDENTIFYING_PARTS = ("Institution", "Physician", "Operator", "Address", "Telephone", "Comments", "PersonName",
                     "PersonIdentification", "OtherPatient", "ReasonFor", "Admitting", "Requesting",
                     "ReferencedPatient")  # fmt: skip
BYTES = ("OB", "OW", "OD", "OF", "OL", "OV", "UN")


@dataclass(frozen=True)
class AttributeRow:
    """One attribute; depth: how many sequences it lies in. identity: it may tell who the patient is."""

    depth: int
    tag: str
    name: str
    vr: str
    value: str
    identity: bool = False

    def shown(self, identity: bool) -> str:
        """Its value, hidden where it may tell who the patient is, unless `identity` is asked for."""
        return HIDDEN if self.identity and not identity and self.value else self.value


def read_attributes(path: str, frame: int = 1) -> tuple[AttributeRow, ...]:
    """The attributes of a file; of what is said for each frame only that of `frame`, from 1.

    Raises InputError where it can't be read.
    """
    import pydicom

    try:
        with warnings.catch_warnings(), open_binary(path) as file:
            warnings.simplefilter("ignore")
            deflated = DEFLATED.encode() in file.read(FIRST_READ)
            file.seek(0)
            if deflated:  # pydicom would inflate all of it, however much that is
                raise InputError("a deflated file's attributes are not listed", path, "inflate it first")
            readable: Any = Patience(file)
            data_set: Any = pydicom.dcmread(readable, stop_before_pixels=True, force=True, defer_size=LARGEST)
            meta = getattr(data_set, "file_meta", None)
            rows = [row for part in (meta, data_set) if part is not None for row in _rows(part, frame, 0, False)]
    except InputError:
        raise
    except Exception as error:  # pydicom raises of all kinds on damaged files; here each is why nothing is shown
        raise InputError(f"its attributes can't be read ({type(error).__name__})", path) from None
    return tuple(rows[:MOST_ROWS])


def _rows(data_set: Any, frame: int, depth: int, identity: bool) -> Iterator[AttributeRow]:
    stored: list[tuple[Any, Any]] = list(data_set.items())  # as they stand in the file: nothing is converted yet
    for tag, raw in stored:
        where = f"({tag.group:04X},{tag.element:04X})"
        length = int(getattr(raw, "length", 0))
        if raw.value is None and length:
            yield AttributeRow(depth, where, _name(tag), str(raw.VR or ""), f"{length} bytes, not read", identity)
            continue
        try:
            element = data_set[tag]
            name, vr = element.keyword or printable(element.name), str(element.VR)
            hidden = identity or is_identifying(tag.group, element.keyword, vr)
            if vr != "SQ":
                yield AttributeRow(depth, where, name, vr, _text(element.value, vr), hidden)
                continue
            items = list(element.value)
        except Exception:  # whatever is wrong with one value, the others are told
            yield AttributeRow(depth, where, _name(tag), "", "can't be read", identity)
            continue
        yield AttributeRow(depth, where, name, vr, f"{len(items)} item{'s' * (len(items) != 1)}", False)
        if depth < DEEPEST:
            yield from _items(items, name, frame, depth, hidden)


def _items(items: Sequence[Any], name: str, frame: int, depth: int, identity: bool) -> Iterator[AttributeRow]:
    of_frames = name == "PerFrameFunctionalGroupsSequence"
    for number, item in enumerate(items, 1):
        if of_frames and number != frame:
            continue
        if not of_frames and number > MOST_ITEMS:
            yield AttributeRow(depth + 1, "", f"{len(items) - MOST_ITEMS} more items", "", "")
            return
        yield AttributeRow(depth + 1, "", f"frame {number}" if of_frames else f"item {number}", "", "")
        yield from _rows(item, frame, depth + 2, identity)


def is_identifying(group: int, keyword: str, vr: str) -> bool:
    """Whether an attribute may tell who the patient is, or who looked after them.

    Names anywhere, the patient's module but for sex, age and size, numbers of orders and stays, institutions,
    comments, and texts of private attributes, in which anything may stand.
    """
    if vr == "PN" or (group % 2 == 1 and vr in PRIVATE_TEXTS):
        return True
    if group == PATIENT:
        return keyword not in OF_ANYONE
    return keyword in IDENTIFYING or any(part in keyword for part in IDENTIFYING_PARTS)


def _name(tag: Any) -> str:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag) or ("private" if tag.is_private else "unknown")


def _text(value: Any, vr: str) -> str:
    if vr in BYTES or isinstance(value, bytes):
        return f"{len(value)} bytes" if value is not None else ""
    many = isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue"
    words = "\\".join(str(one) for one in value) if many else "" if value is None else str(value)
    words = printable(words)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} …"


def matching(rows: Sequence[AttributeRow], words: str, identity: bool) -> tuple[AttributeRow, ...]:
    """The rows in which all the words stand: in tag, name or what is shown of the value."""
    wanted = words.lower().split()
    return tuple(
        row for row in rows if all(one in f"{row.tag} {row.name} {row.shown(identity)}".lower() for one in wanted)
    )


def as_text(rows: Sequence[AttributeRow], identity: bool) -> str:
    """Rows as lines with tabs, for another program; what is hidden stays hidden."""
    return "\n".join("\t".join((row.tag, row.name, row.vr, row.shown(identity))) for row in rows)
