"""The case: one file that holds what was found, tied to the words of the report, and every edit ever made."""

from callout.case.case import Case
from callout.case.edits import Change, Edit
from callout.case.given import write_given
from callout.case.levels import Vertebra
from callout.case.mark_measures import MarkMeasures
from callout.case.model import (
    FigureRecipe,
    Finding,
    Link,
    Mark,
    MentionState,
    Numbering,
    Region,
    Shift,
)
from callout.case.places import Relinked

__all__ = [
    "Case",
    "Change",
    "Edit",
    "FigureRecipe",
    "Finding",
    "Link",
    "Mark",
    "MarkMeasures",
    "MentionState",
    "Numbering",
    "Region",
    "Relinked",
    "Shift",
    "Vertebra",
    "write_given",
]
