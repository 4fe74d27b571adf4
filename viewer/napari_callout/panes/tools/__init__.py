"""The tools of the left button, and why one can't be taken. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from napari_callout.panes import levels, shift
from napari_callout.panes.marks import tool_of
from napari_callout.panes.tool import DrawingTool, Tool
from napari_callout.panes.tools.brush import Brush, Eraser
from napari_callout.panes.tools.grow import Grow
from napari_callout.panes.tools.outline import Outline
from napari_callout.session.marks import KINDS
from napari_callout.session.operations import Operations
from napari_callout.session.pictures import Pictures
from napari_callout.session.session import Session

TOOLS: dict[str, Callable[[Session, Pictures, Operations], Tool]] = {
    **{tool.NAME: tool for tool in (Brush, Eraser, Outline, Grow)},
    **{kind: tool_of(kind) for kind in KINDS},
    "levels": lambda session, pictures, operations: levels.LevelsTool(session),
    "shift": lambda session, pictures, operations: shift.ShiftTool(session),
}
REFUSALS: dict[str, Callable[[Session], str]] = {
    "levels": levels.refusal,
    "shift": shift.refusal,
}  # of what draws no region

__all__ = ["REFUSALS", "TOOLS", "DrawingTool", "Tool"]
