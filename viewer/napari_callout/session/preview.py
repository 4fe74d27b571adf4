"""Previews of figures: drawn by the renderer of record, in a thread of their own; the request made last wins. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Condition, Thread

from callout.errors import CalloutError
from callout.figures.display import MM_PER_INCH, Bytes2D
from callout.figures.propose import recipe_of, unseen_views
from callout.figures.recipe import Recipe
from callout.figures.render import Kind, render
from callout.figures.snapshot import Snapshot
from callout.figures.source import CaseSource
from callout.volume import Volume

CLOSING_SECONDS = 5.0  # that the one being drawn is waited for
LEAST_DPI = 72  # at which letters of 6 points can be made out


@dataclass(frozen=True, eq=False)
class Wanted:
    """A figure to be drawn: of a case at one moment, that many pixels wide. volumes: those that are loaded already."""

    case: Snapshot
    label: str
    width: int
    volumes: Mapping[str, Volume]


@dataclass(frozen=True, eq=False)
class Preview:
    """Figure `label` as it is drawn, uint8 RGB (rows, columns, 3), and the recipe it was drawn from.

    boxes: (left, top, width, height) of each panel in its pixels. notes: what could not be drawn as asked. problem: why
    there is no picture, or no recipe either.
    """

    label: str
    recipe: Recipe | None = None
    rgb: Bytes2D | None = None
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


def preview_of(wanted: Wanted, source: CaseSource) -> Preview:
    """The preview; what can't be drawn is told in it."""
    recipe = None
    try:
        recipe = recipe_of(wanted.case, wanted.label, source)
        dpi = min(max(round(wanted.width / recipe.width_mm * MM_PER_INCH), LEAST_DPI), recipe.dpi)
        rendered = render(replace(recipe, dpi=dpi), source)
        boxes = tuple((one.left, one.top, one.width, one.height) for one in rendered.display.groups)
        unseen = [f"no series shows {words}" for words in unseen_views(wanted.case, wanted.label)]
        return Preview(wanted.label, recipe, rendered.rgb, boxes, (*unseen, *rendered.notes))
    except CalloutError as error:
        return Preview(wanted.label, recipe, problem=str(error))
    except Exception as error:  # a codec's own; the window goes on
        return Preview(wanted.label, recipe, problem=f"the figure can't be drawn ({error!r})")


def figure_file(case: Snapshot, label: str, kind: Kind) -> tuple[bytes, tuple[str, ...]]:
    """The figure as `callout figure` writes it, and notes on what could not be drawn as asked."""
    source = CaseSource(case)
    rendered = render(recipe_of(case, label, source), source)
    return rendered.file(kind), rendered.notes


class Previews:
    """Draws one preview at a time. drawn: called in the thread that drew, with what was wanted, if it still is."""

    def __init__(self, drawn: Callable[[Wanted, Preview], object]) -> None:
        self._drawn = drawn
        self._change = Condition()
        self._wanted: Wanted | None = None
        self._closed = False
        self._thread: Thread | None = None
        self._loaded: dict[str, Volume] = {}  # for the figure drawn last: of series that no view shows

    def ask(self, wanted: Wanted) -> None:
        """Draw this, and nothing that was asked for before."""
        with self._change:
            self._wanted = wanted
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._work, name="callout-figure", daemon=True)
                self._thread.start()
            self._change.notify_all()

    def forget(self) -> None:
        """Another case is there: what was asked for is of no use."""
        with self._change:
            self._wanted = None
            self._loaded = {}

    def close(self) -> None:
        """Draw no more, and wait for the one being drawn."""
        with self._change:
            self._closed, self._wanted = True, None
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            source = CaseSource(wanted.case, self._loaded | dict(wanted.volumes))
            preview = preview_of(wanted, source)
            with self._change:
                is_wanted = self._wanted is wanted
                if is_wanted:
                    self._wanted = None
                    self._loaded = _kept(source, preview.recipe, wanted)
            if is_wanted:
                self._drawn(wanted, preview)
            del wanted, source, preview  # while waiting nothing is held

    def _next(self) -> Wanted | None:
        with self._change:
            self._change.wait_for(lambda: self._closed or self._wanted is not None)
            return None if self._closed else self._wanted


def _kept(source: CaseSource, recipe: Recipe | None, wanted: Wanted) -> dict[str, Volume]:
    """Of what was loaded, what the recipe needs again and nobody else keeps."""
    views = [panel.view for panel in recipe.panels if panel.view is not None] if recipe else []
    used = {name for view in views for name in (view.series_id, view.minus)}
    return {name: one for name, one in source.loaded.items() if name in used and name not in wanted.volumes}
