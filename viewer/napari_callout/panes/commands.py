"""What is done to the chosen region with one key or one line of a menu, and how the tools are set. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callout.errors import EditRefused
from callout.masks import Mask
from callout.masks.brush import in_range
from callout.masks.cavity import GAS_HU
from callout.terms import concepts, exclude_each_other
from callout.volume import Series
from napari_callout.panes.hand import Hand
from napari_callout.panes.tool import DrawingTool
from napari_callout.panes.touch import Touch
from napari_callout.session import operations as of
from napari_callout.session.drawing import Drawing
from napari_callout.session.kit import Range
from napari_callout.session.lumens import CONCEPT as CAVITY
from napari_callout.session.teaching import Key, Pairs

MARGIN_MM = 1.0  # of one key
MARGINS_MM = (1, 2, 3, 5, 10)
SMOOTH_MM = (0.5, 1.0, 2.0, 3.0)
WORDS = {"paint": "Drawing", "erase": "Erasing", "outline": "Outlining", "grow": "Growing"}
OTHER_TOOLS = (  # action, words, tool
    ("brush", "brush", "paint"), ("eraser", "eraser", "erase"), ("outline", "outline", "outline"),
    ("grow", "grow", "grow"),
)  # fmt: skip
ENDS = (("region", "region"), ("next lesion", "next lesion"), ("undo", "undo"), ("look", "look"), ("keys", "all keys"))
LUMEN = "; the lumen in them is told apart by its gas, as before"
KEY_PERCENT = 1.0  # of the window's width by which a key widens the range


@dataclass(frozen=True, eq=False)
class Entry:
    """A line of the menu. action: whose key does the same. parts: of a menu of its own."""

    text: str
    action: str = ""
    do: Callable[[], object] = lambda: None
    parts: tuple[Entry, ...] = ()
    enabled: bool = True


class Commands:
    """Changes of the region that is drawn on; what does not work is told."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.session = hand, hand.session

    # How the tools are set -------------------------------------------------------------------------------------------

    def turn_in_space(self) -> None:
        """From one slice to the volume, or back."""
        self.session.kit.in_space = not self.session.kit.in_space
        self.hand.armed.emit()

    def limit(self) -> None:
        """Keep what is drawn to a range of values, or not; a range that is not known is that of the next click."""
        self.session.kit.limited = not self.session.kit.limited
        self.hand.armed.emit()

    def limit_anew(self) -> None:
        """Keep to the range of the next click."""
        kit = self.session.kit
        kit.limited = True
        kit.ranges.pop(self.session.series_id or "", None)
        self.hand.armed.emit()

    def take_range(self, limits: Range) -> None:
        """A range that was typed: of what grows and waits for Enter, else that which drawing keeps to from now on."""
        tool, kit = self.hand.tool, self.session.kit
        if not (isinstance(tool, DrawingTool) and tool.take_range(limits)):
            kit.limited = True
            kit.ranges[self.session.series_id or ""] = limits
        self.hand.armed.emit()

    def restore_range(self, limited: bool, limits: Range | None) -> None:
        """As it was before something was typed."""
        kit, series_id = self.session.kit, self.session.series_id or ""
        kit.limited = limited
        if limits is None:
            kit.ranges.pop(series_id, None)
        else:
            kit.ranges[series_id] = limits
        self.hand.armed.emit()

    def range_step(self, series: Series) -> float:
        """By how much a key moves an end of a range, in the series' values: 1 % of the window's width, rounded."""
        window = self.hand.pictures.window(series)
        step = KEY_PERCENT / 100 * (window[1] if window else 100.0)
        return float(f"{step:.1g}")

    def widen(self, by: int) -> None:
        """A wider (1) or narrower (−1) range: of what the tool grows now, else of what drawing is limited to."""
        tool, series = self.hand.tool, self.session.shown_series
        if not isinstance(tool, DrawingTool) or tool.widen(by) or series is None:
            return
        window = self.hand.pictures.window(series)
        self.session.kit.widen(series.id, by * KEY_PERCENT / 100 * (window[1] if window else 100.0))
        self.hand.armed.emit()

    def overlap(self) -> None:
        """Let regions of the chosen concept overlap those that it keeps out of, or keep them apart again."""
        concept = self._concept()
        case = self.session.case
        if case is None or not concept:
            self.session.told.emit(self.session.refusal(), True)
            return
        others = [one.name for one in concepts() if exclude_each_other(concept, one.name)]
        others += [r for r in self._drawn_concepts() if r not in others and case.excludes(concept, r)]
        if not others:
            self.session.told.emit(f"{concept} may overlap everything", False)
            return
        on = not any(case.excludes(concept, other) for other in others)
        words = f"{concept} {'keeps out of' if on else 'may overlap'} {' and '.join(others)}"

        def switch() -> None:
            with case.one_edit(words):
                for other in others:
                    case.exclude(concept, other, on=on)

        if self.session.attempt(lambda: self.session.change(lambda case: switch())):
            self.session.told.emit(words, False)
            self.hand.armed.emit()

    def kept_out_of(self) -> tuple[str, ...]:
        """The concepts that lose what is drawn now; of those that there are on this series."""
        drawing = self.session.drawing
        if drawing is None or drawing.target is None:
            return ()
        known = drawing.concepts()
        return tuple(dict.fromkeys(known[label] for label in drawing.rivals(drawing.active_label)))

    def _concept(self) -> str:
        drawing = self.session.drawing
        return "" if drawing is None else drawing.concepts().get(drawing.active_label, "")

    def _drawn_concepts(self) -> list[str]:
        case = self.session.case
        return [] if case is None else list(dict.fromkeys(finding.concept for finding in case.findings))

    # The region ------------------------------------------------------------------------------------------------------

    def fill_holes(self, open_gas: bool = False, in_space: bool | None = None) -> None:
        """Of each slice or in the volume; gas in them can stay open. A cavitating lesion is drawn with its lumen."""
        reach = self.session.kit.in_space if in_space is None else in_space

        def made(drawing: Drawing) -> of.Operation:
            has_lumen = self._concept() == CAVITY and drawing.series.modality == "CT"
            note = LUMEN if has_lumen else ""
            return of.fill_holes(reach, self._gas() if open_gas else None, drawing.series.grid, note)

        self._do(made)

    def interpolate(self) -> None:
        """Between drawn slices."""
        self._do(lambda drawing: of.interpolate(drawing.series.grid))

    def smooth(self, mm: float) -> None:
        """By a Gaussian."""
        self._do(lambda drawing: of.smooth(drawing.series.grid, mm, self.session.kit.in_space))

    def margin(self, mm: float) -> None:
        """Larger, or smaller where negative."""
        self._do(lambda drawing: of.margin(drawing.series.grid, mm))

    def ring(self, mm: float) -> None:
        """The shell around it instead."""
        self._do(lambda drawing: of.ring(drawing.series.grid, mm))

    def keep_island(self, touch: Touch | None) -> None:
        """What hangs together with the voxel under the hand."""

        def made(drawing: Drawing) -> of.Operation:
            index = None if touch is None else touch.plane.voxel(*touch.place)
            if index is None:
                raise EditRefused("the hand is on no part of the region", remedy="point at the part that is to stay")
            return of.keep_island(index, self.session.kit.in_space)

        self._do(made)

    def copy_from(self, step: int) -> None:
        """What the slice above (−1) or below (1) in the view has, into this one."""

        def made(drawing: Drawing) -> of.Operation:
            refusal, look = self.hand.refusal("paint"), self.session.views.look
            if refusal or look is None:
                raise EditRefused(refusal)
            plane = self.session.views.plane_of(look)
            if not 0 <= plane.at + step < plane.count:
                raise EditRefused("there is no slice beyond this one")
            return of.copy_slice(plane.order.slice_to_display(plane.at + step), plane.k)

        self._do(made)

    def cut(self, label: int, inside: bool) -> None:
        """Without what another region has, or only that."""

        def made(drawing: Drawing) -> of.Operation:
            finding = drawing.case.finding(drawing.regions()[label].finding_id)
            return of.cut(drawing.mask(label), finding.label, inside)

        self._do(made)

    def project(self, series_id: str) -> None:
        """The region onto another series, as a draft."""
        series = next(one for one in self.session.series if one.id == series_id)
        self.session.attempt(lambda: self.hand.operations.project(series))

    def _do(self, made: Callable[[Drawing], of.Operation]) -> None:
        def act() -> None:
            drawing = self.session.drawing
            if drawing is None or self.session.refusal():
                raise EditRefused(self.session.refusal() or "there is no series to draw on")
            self.hand.operations.do(made(drawing))

        self.session.attempt(act)

    def _gas(self) -> Callable[[Mask], Mask]:
        series = self.session.shown_series
        picture = None if series is None else self.hand.pictures.get(series.id)
        if series is None or picture is None or picture.arrived is not None:
            raise EditRefused("wait until the series is there")
        if series.modality != "CT":
            raise EditRefused("gas has a value on CT only", series.title)
        voxels = picture.voxels
        return lambda mask: in_range(mask, voxels, *GAS_HU)

    # Words -----------------------------------------------------------------------------------------------------------

    def keys(self, key: Key, target: str) -> Pairs:
        """What the hand can do while it draws; () while it does not. key: of an action; target: what it draws."""
        tool, running = self.hand.tool, self.hand.operations.running
        if running:
            far = f"{running[:1].upper()}{running[1:]} … {self.hand.operations.progress}".strip()
            return ((far, target), (key("look"), "stop"))
        if not isinstance(tool, DrawingTool):
            return ()
        if self.hand.rests:
            there = ((key(name), words) for name, words in (("next view", "next view"), *ENDS[2:]))
            verb = WORDS.get(tool.NAME, "Marking")
            return ((verb, "on slices as they were taken"), *(pair for pair in there if pair[0].strip()))
        if tool.NAME not in WORDS:  # a mark
            ends = tuple((key(name), words) for name, words in ENDS if name != "region")
            return tuple(pair for pair in (("Marking", target), *tool.keys(key), *ends) if pair[0].strip())
        sized = f" · {self.session.brush_mm} mm" if tool.NAME in ("paint", "erase") else ""
        rivals = self.kept_out_of()
        apart = ((key("overlap"), f"takes from {' and '.join(rivals)}"),) if rivals else ()
        holes = ((key("fill holes"), f"fill {of.holes_text(self.session.kit.in_space)}"),)
        others = tuple((key(name), words) for name, words, tool_name in OTHER_TOOLS if tool_name != tool.NAME)
        ends = tuple((key(name), words) for name, words in ENDS)
        pairs = ((WORDS[tool.NAME], f"{target}{sized}"), *tool.keys(key), *apart, *others, *holes, *ends)
        first = {one: words for one, words in reversed(pairs) if one.strip()}  # a key does one thing at a time
        return tuple(pair for pair in dict.fromkeys(pairs) if first.get(pair[0]) == pair[1])

    # The menu --------------------------------------------------------------------------------------------------------

    def entries(self, touch: Touch | None) -> tuple[Entry, ...]:
        """All of it, for a menu at the place of the hand."""
        drawing = self.session.drawing
        if drawing is None or drawing.target is None:
            refusal = self.session.refusal() or "there is nothing to draw on"
            return (Entry(refusal[:1].upper() + refusal[1:], enabled=False),)
        grid = drawing.series.grid
        in_space = self.session.kit.in_space
        holes, others = (f"Fill {of.holes_text(one)}" for one in (in_space, not in_space))
        reach = "in space" if self.session.kit.in_space else "in each slice"
        ct = drawing.series.modality == "CT"
        return (
            Entry(holes, "fill holes", self.fill_holes),
            Entry(others, "", lambda: self.fill_holes(in_space=not in_space)),
            Entry(f"{holes}, leave gas open", "", lambda: self.fill_holes(True), enabled=ct),
            Entry("Interpolate between drawn slices", "interpolate", self.interpolate, enabled=grid.shape[0] > 2),
            Entry(f"Smooth {reach}", "", parts=_lengths(SMOOTH_MM, self.smooth)),
            Entry("Keep the part under the hand", "", lambda: self.keep_island(touch)),
            Entry("Grow", "grow margin", parts=_lengths(MARGINS_MM, self.margin)),
            Entry("Shrink", "shrink margin", parts=_lengths(MARGINS_MM, lambda mm: self.margin(-mm))),
            Entry("Shell around it", "", parts=_lengths(MARGINS_MM, self.ring)),
            Entry("Copy from the slice before", "copy from before", lambda: self.copy_from(-1)),
            Entry("Copy from the slice after", "copy from after", lambda: self.copy_from(1)),
            *self._others(drawing),
            *self._targets(drawing.series),
        )

    def _others(self, drawing: Drawing) -> tuple[Entry, ...]:
        others = {
            label: drawing.case.finding(region.finding_id).label
            for label, region in drawing.regions().items()
            if label != drawing.active_label
        }
        if not others:
            return ()
        parts = [
            tuple(Entry(name, "", _bound(self.cut, label, inside)) for label, name in others.items())
            for inside in (False, True)
        ]
        return Entry("Cut away", parts=parts[0]), Entry("Keep only inside", parts=parts[1])

    def _targets(self, home: Series) -> tuple[Entry, ...]:
        there = [one for one in self.session.series if of.projectable(one, home)]
        parts = tuple(Entry(one.title, "", _bound(self.project, one.id)) for one in there)
        return (Entry("Draw on another series, as a draft", parts=parts),) if parts else ()


def _lengths(lengths: tuple[float, ...], action: Callable[[float], None]) -> tuple[Entry, ...]:
    return tuple(Entry(f"{mm:g} mm", "", _bound(action, float(mm))) for mm in lengths)


def _bound(action: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: action(*arguments)
