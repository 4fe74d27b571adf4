"""The case: one file that holds what was found, tied to the words of the report, and every edit ever made."""

from callout.case.case import Case
from callout.case.edits import Change, Edit
from callout.case.given import write_given
from callout.case.model import FigureRecipe, Finding, Link, Mark, MentionState, Region
from callout.case.places import Relinked

__all__ = [
    "Case",
    "Change",
    "Edit",
    "FigureRecipe",
    "Finding",
    "Link",
    "Mark",
    "MentionState",
    "Region",
    "Relinked",
    "write_given",
]
