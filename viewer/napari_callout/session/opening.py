"""How a case is opened: to draw where that can be, else to look only, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass

from callout.case import Case
from callout.errors import CaseInUse, CaseReadOnly

StrPath = str | os.PathLike[str]


@dataclass(frozen=True)
class Opened:
    """An open case; why it is to look only; and whether that is to see all readers' findings."""

    case: Case
    band: str = ""
    all_readers: bool = False

    @property
    def words(self) -> str:
        """What stands in the header: also what a blinded sitting leaves out."""
        blinded = f"Blinded: only {self.case.reader}'s findings are shown" if self.case.blinded else ""
        return " · ".join(part for part in (self.band, blinded) if part)


def open_to_draw(path: StrPath, reader: str | None) -> Opened:
    """The case for `reader`, else for who made it; to look only where it can't be written now.

    Either way a blinded case stays blinded. Raises CaseError and its kin where it can't even be looked at.
    """
    from callout import open_case

    try:
        return Opened(open_case(path, reader=reader))
    except (CaseInUse, CaseReadOnly) as error:
        case = open_case(path, reader=reader or _made_by(path), read_only=True)
        return Opened(case, f"{_capital(error.what)}: to look only, nothing can be drawn")


def open_all_readers(path: StrPath, reader: str | None) -> Opened:
    """The case with the findings of all its readers, to look only; raises as `open_to_draw` does."""
    from callout import open_case

    case = open_case(path, reader=reader or _made_by(path), read_only=True, blinded=False)
    return Opened(case, "All readers' findings are shown: to look only, nothing can be drawn", all_readers=True)


def is_same_file(path: StrPath, other: StrPath) -> bool:
    """Whether both names lead to one file."""
    return os.path.exists(path) and os.path.samefile(path, other)


def _made_by(path: StrPath) -> str:
    from callout import open_case

    with open_case(path, read_only=True) as case:
        return case.made_by


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def is_case(path: StrPath) -> bool:
    """Whether a path names a case file."""
    return os.fspath(path).endswith(".callout")
