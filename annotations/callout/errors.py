"""Everything that Callout refuses, as one tree.

CalloutError
├── InputError (ValueError)         a file, folder, word or option that can't be used
│   ├── NoImages                    nothing there that can be opened as CT or MR
│   └── GridMismatch                a mask that does not lie on the series' own lattice
├── CaseError                       the case file
│   ├── CaseInUse                   another process holds it
│   ├── CaseReadOnly                its disk or folder can't be written
│   ├── CaseDamaged                 it is not a case, or no longer whole
│   └── CaseNewer                   written by a later version
├── EditRefused                     a change that would break what stands
└── ExportFailed                    a file that did not read back as it was written

A message says what, where and what to do, and is one line: `WHAT — WHERE: WHAT TO DO`.
"""

from __future__ import annotations

import os


class CalloutError(Exception):
    """Base of all errors that a user can mend; `str()` is one printable line."""

    def __init__(self, what: str, where: str | os.PathLike[str] = "", remedy: str = "") -> None:
        super().__init__(what, os.fspath(where), remedy)
        self.what, self.where, self.remedy = what, os.fspath(where), remedy

    def __str__(self) -> str:
        place = f" — {self.where}" if self.where else ""
        todo = f": {self.remedy}" if self.remedy else ""
        return printable(f"{self.what}{place}{todo}")


class InputError(CalloutError, ValueError):
    """A file, folder, word or option that can't be used."""


class NoImages(InputError):
    """Nothing there that can be opened as a CT or MR series."""


class GridMismatch(InputError):
    """A mask that does not lie on the series' own lattice."""


class CaseError(CalloutError):
    """The case file can't be opened, made or written."""


class CaseInUse(CaseError):
    """Another process has the case open for writing."""


class CaseReadOnly(CaseError):
    """The disk or the folder of the case does not let it be written."""


class CaseDamaged(CaseError):
    """Not a case file, or one that is no longer whole."""


class CaseNewer(CaseError):
    """Written by a later version of Callout."""


class EditRefused(CalloutError):
    """A change that would break something that stands, or that is not this reader's to make."""


class ExportFailed(CalloutError):
    """A file that did not read back as it was written; it was removed."""


def printable(text: str) -> str:
    """`text` on one line, with everything a terminal would act on shown as an escape.

    >>> printable("a\\x1b[2Jb\\nc")
    'a\\\\x1b[2Jb\\\\nc'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
