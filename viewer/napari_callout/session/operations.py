"""What is done to the whole region that is drawn on: each one edit, large ones in a thread of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from callout.case import Region
from callout.errors import CalloutError, EditRefused
from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.mask import Index
from callout.masks.progress import Tell, quietly
from callout.volume import Series
from napari_callout.session.ahead import Ahead
from napari_callout.session.amounts import amount_text
from napari_callout.session.drawing import PROJECT, Drawing
from napari_callout.session.errand import Errand
from napari_callout.session.plane import same_frame

if TYPE_CHECKING:
    from napari_callout.session.session import Session

QUICK = 200_000  # voxels looked at in the window's own thread: less than a frame or two
BUSY = "wait until {} is done, or stop it with Esc"
STOPPED = "{} is stopped: nothing was changed"
CHANGED = "the region has changed meanwhile: nothing was done by {}"
PIXEL = ": a pixel is {:.2g} mm, and a margin of less reaches none"
PROJECTED = "draft, projected"
Voxels = npt.NDArray[Any]
Work = Callable[[Mask, Tell], Mask]
SHOWN_S = 0.5  # that something takes before it is told how far it is


@dataclass(frozen=True, eq=False)
class Operation:
    """A change of a whole region.

    work: the region as it is → as it becomes; pure, so it may run in any thread, where it tells how far it is.
    name, settings: as the history tells them. voxels: about how many it looks at, beside the region's own.
    nothing: what is told where it changes nothing. tells: what there is to say about the region as it was and became.
    """

    name: str
    work: Work
    settings: Mapping[str, Any] = field(default_factory=dict)
    voxels: int = 0
    nothing: str = "nothing changes"
    tells: Callable[[Mask, Mask], str] = lambda before, after: ""


def fill_holes(
    in_space: bool, open_gas: Callable[[Mask], Mask] | None = None, grid: Grid | None = None, note: str = ""
) -> Operation:
    """Fill what the region encloses, in each slice or in space. open_gas: of the holes, what stays open.

    grid: for how much it was in millilitres. note: what else there is to say.
    """
    from callout.masks.combined import united, without
    from callout.masks.holes import holes

    def work(region: Mask, tell: Tell) -> Mask:
        found = holes(region, per_slice=not in_space)
        return united(region, without(found, open_gas(found)) if open_gas else found)

    settings: dict[str, Any] = {"reach": reach(in_space)} | ({"kept": "gas"} if open_gas else {})
    where = holes_text(in_space)
    nothing = f"there are no {where}" + (" but gas" if open_gas else "")
    nothing += ": what is open above or below is one of a slice only" if in_space else ""

    def tells(before: Mask, after: Mask) -> str:
        left = ", gas is left open" if open_gas else note
        return f"{where} filled: {amount_text(without(after, before), grid)}{left}"

    return Operation("fill holes", work, settings, nothing=nothing, tells=tells)


def interpolate(grid: Grid) -> Operation:
    """Fill the empty slices between drawn ones."""
    from callout.masks.slices import interpolated

    nothing = "no slice is empty between drawn ones"
    return Operation("interpolate", lambda region, tell: interpolated(region, grid, tell), nothing=nothing)


def smooth(grid: Grid, mm: float, in_space: bool) -> Operation:
    """By a Gaussian of that standard deviation, in space or each slice alone."""
    from callout.masks.smoothing import smoothed

    settings = {"sigma_mm": mm, "reach": reach(in_space)}

    def work(region: Mask, tell: Tell) -> Mask:
        return _kept(smoothed(region, grid, mm, per_slice=not in_space, tell=tell))

    return Operation("smooth", work, settings)


def margin(grid: Grid, mm: float) -> Operation:
    """Grown by so much in space, or shrunk where it is negative."""
    from callout.masks.margins import grown, shrunk

    pixel = min(grid.spacing[1:])
    nothing = "nothing changes" + (PIXEL.format(pixel) if abs(mm) < pixel else "")

    def work(region: Mask, tell: Tell) -> Mask:
        return grown(region, grid, mm, tell) if mm > 0 else _kept(shrunk(region, grid, -mm, tell))

    return Operation("grow margin" if mm > 0 else "shrink margin", work, {"margin_mm": abs(mm)}, nothing=nothing)


def ring(grid: Grid, mm: float) -> Operation:
    """The region becomes the shell around what it was."""
    from callout.masks.margins import shell

    remedy = f"take more than {min(grid.spacing[1:]):.2g} mm, which a pixel is"

    def work(region: Mask, tell: Tell) -> Mask:
        return _kept(shell(region, grid, 0.0, mm, tell), remedy)

    return Operation("shell", work, {"margin_mm": mm})


def keep_island(click: Index, in_space: bool) -> Operation:
    """Only what hangs together with a voxel stays; in one slice, the other slices stay too."""
    from callout.masks.combined import united, without
    from callout.masks.islands import island

    def work(region: Mask, tell: Tell) -> Mask:
        if in_space:
            return _kept(island(region, click), "click on the part that is to stay")
        k = click[0]
        low, high = (k, 0, 0), (k + 1, region.shape[1], region.shape[2])
        here = Mask(region.shape, low, region.read(low, high)).trimmed()
        return united(without(region, here), _kept(island(here, click), "click on the part that is to stay"))

    return Operation("keep island", work, {"reach": reach(in_space)}, nothing="there is no other part")


def copy_slice(source: int, target: int) -> Operation:
    """A slice gets what its neighbour has; what it has already stays."""
    from callout.masks.combined import united
    from callout.masks.slices import copied

    return Operation(
        "copy slice",
        lambda region, tell: united(region, copied(region, source, target)),
        {"from": source, "to": target},
        nothing="nothing is drawn there that is not here",
    )


def cut(other: Mask, name: str, inside: bool) -> Operation:
    """Without what another region has, or (inside) only that."""
    from callout.masks.combined import common, without

    how = common if inside else without

    def work(region: Mask, tell: Tell) -> Mask:
        return _kept(how(region, other), "choose another one, or erase this one")

    return Operation("keep inside" if inside else "cut", work, {"by": name})


def holes_text(in_space: bool) -> str:
    """Which holes are meant."""
    return "holes in the volume" if in_space else "holes of each slice"


def reach(in_space: bool) -> str:
    """As the history tells it."""
    return "volume" if in_space else "slice"


def _kept(after: Mask, remedy: str = "use less of it, or erase the region") -> Mask:
    """EditRefused where nothing is left: a region is not made empty by the way."""
    if not after.count:
        raise EditRefused("nothing of the region would be left", remedy=remedy)
    return after


class Operations:
    """Does operations on what the session draws on.

    Signals: `began` (name) one that takes a while, `progressed` where that is to be told anew, `ended`.
    ahead: works out what a tool would do.

    post: called in the thread that has worked; it has `take` called with the same in the window's own thread. Without
    it everything is done at once.
    """

    began = Signal(str)
    progressed = Signal()
    ended = Signal()

    def __init__(
        self,
        session: Session,
        post: Callable[[Any], None] | None = None,
        end_stroke: Callable[[], object] = lambda: None,
    ) -> None:
        """`end_stroke`: what the hand still draws is an edit of its own, before the operation's."""
        self.session, self._post, self._end_stroke = session, post, end_stroke
        self.ahead = Ahead(post)
        self._warm = False
        self._since, self._counts = 0.0, (0, 0)  # of what runs: when it began, and how far it is
        self._errand: Errand[Mask] | None = None
        self._finish: Callable[[Mask], None] = _nothing
        self._name = ""

    def do(self, operation: Operation) -> None:
        """Change the region that is drawn on. EditRefused where there is none, or while another operation runs."""
        session = self.session
        self._refuse_busy()
        self._end_stroke()
        reason = session.refusal()
        if reason:
            raise EditRefused(reason)
        session.save()
        drawing = session.drawing
        assert drawing is not None
        label, parts = drawing.active_label, drawing.masks(drawing.active_label)
        before = drawing.mask(label)
        if not before.count and operation.name != "grow":
            raise EditRefused("nothing is drawn yet", remedy="draw first")
        size = max(before.crop.size, operation.voxels)
        self._start(operation.name, lambda tell: operation.work(before, tell), size,
                    lambda after: self._write(operation, drawing, label, parts, before, after))  # fmt: skip

    def project(self, series: Series) -> None:
        """The finding's region, drawn as a draft on another series of the same frame of reference."""
        from callout.masks.projected import projected

        self._refuse_busy()
        self._end_stroke()
        self.session.save()
        case, drawing = self.session.case, self.session.drawing
        region = drawing.regions().get(drawing.active_label) if drawing is not None else None
        if case is None or drawing is None or region is None:
            raise EditRefused("nothing is drawn yet", remedy="draw first")
        home, before = drawing.series, case.region_mask(region)
        if any(r.finding_id == region.finding_id and r.series_id == series.id for r in case.regions):
            raise EditRefused("it is drawn there already", series.title, "take that region away first")
        size = before.crop.size * 8
        self._start(PROJECT, lambda tell: projected(before, home.grid, series.grid, tell), size,
                    lambda after: self._write_projected(region, before, series, after))  # fmt: skip

    def warm(self) -> None:
        """Load what the operations need beside the window: the first one is as quick as the others."""
        if self._post is not None and not self._warm:
            self._warm = True
            Thread(target=_load_libraries, name="callout-warm", daemon=True).start()

    def take(self, errand: Errand[Mask]) -> None:
        """A thread has done its work: write what it found, and tell what went wrong."""
        if self.ahead.take(errand) or errand is not self._errand:
            return  # or it was stopped
        if not errand.over:
            self.progressed.emit()
            return
        name, finish = self._name, self._finish
        self._end()
        if isinstance(errand.error, CalloutError):
            self.session.told.emit(str(errand.error), True)
        elif errand.error is not None or errand.result is None:
            self.session.told.emit(f"{name} did not work: {type(errand.error).__name__}", True)
        else:
            result = errand.result
            self.session.attempt(lambda: finish(result))

    @property
    def running(self) -> str:
        """The name of what is being done; "" for nothing."""
        return self._name if self._errand is not None else ""

    @property
    def progress(self) -> str:
        """How far it is, "43 %"; "" where nobody knows, or where it has only begun."""
        done, in_all = self._counts
        return f"{100 * done // in_all} %" if self.running and in_all else ""

    def stop(self) -> bool:
        """Forget what is being done: nothing changes. False where nothing is."""
        if self._errand is None:
            return False
        self._errand.cancel()
        self._end()
        self.session.told.emit(STOPPED.format(self._name), False)
        return True

    def forget(self) -> None:
        """Another case is there: what is being done was for the one before."""
        self.ahead.forget()
        if self._errand is not None:
            self._errand.cancel()
            self._end()

    def _end(self) -> None:
        """Hold on to nothing of it: it may hold the voxels of a series."""
        self._errand, self._finish = None, _nothing
        self.ended.emit()

    def _refuse_busy(self) -> None:
        running = self.running or ("grow" if self.ahead.working else "")
        if running:
            raise EditRefused(BUSY.format(running))

    def _start(self, name: str, work: Callable[[Tell], Mask], voxels: int, finish: Callable[[Mask], None]) -> None:
        if self._post is None or voxels <= QUICK:
            finish(work(quietly))
            return
        self._name, self._finish = name, finish
        self._since, self._counts = time.monotonic(), (0, 0)
        self._errand = Errand(work, self._note, self._post)
        self.began.emit(name)

    def _note(self, errand: Errand[Mask], counts: tuple[int, ...]) -> None:
        """How far it is, in the thread that works."""
        if self._post is not None and errand is self._errand and time.monotonic() - self._since > SHOWN_S:
            self._counts = counts[0], counts[1]
            self._post(errand)

    def _write(
        self, operation: Operation, drawing: Drawing, label: int, parts: tuple[Mask, ...], before: Mask, after: Mask
    ) -> None:
        session = self.session
        self._end_stroke()
        now = drawing.masks(label)
        same = len(now) == len(parts) and all(a is b for a, b in zip(now, parts, strict=True))
        if session.drawing is not drawing or drawing.active_label != label or not same:
            raise EditRefused(CHANGED.format(operation.name))
        session.tool = (operation.name, dict(operation.settings))
        session.begin_stroke()
        drawing.change(label, before, after)
        said = operation.tells(before, after) if drawing.drafting else operation.nothing
        session.commit_stroke()
        if said:
            session.told.emit(said, False)

    def _write_projected(self, region: Region, before: Mask, series: Series, after: Mask) -> None:
        session, case = self.session, self.session.case
        if case is None or region not in case.regions or not _alike(case.region_mask(region), before):
            raise EditRefused(CHANGED.format(PROJECT))
        home = case.series_of(region.series_id)
        if not after.count:
            raise EditRefused("nothing of the region lies on it", series.title, "draw it there")
        finding = case.finding(region.finding_id)
        summary = f"project {finding.label} from {home.title} to {series.title}: {PROJECTED}"
        settings = {"from": home.id, "region": region.id}
        with case.using(PROJECT, settings, session.window), case.one_edit(summary):
            made = case.add_region(finding, series.id)
            case.flip_bits(made, after.crop, after.low)
        session.told.emit(summary, False)


def _nothing(mask: Mask) -> None:
    """Nothing is to be done with it."""


def _alike(one: Mask, other: Mask) -> bool:
    return one is other or (one.low == other.low and np.array_equal(one.crop, other.crop))


def projectable(series: Series, home: Series) -> bool:
    """Whether what is drawn on one stack can be laid on another."""
    return series.id != home.id and not series.is_localizer and same_frame(series.grid, home.grid)


def _load_libraries() -> None:
    import scipy.ndimage
    import scipy.sparse.csgraph
    import scipy.spatial  # noqa: F401  # all three are only to be there
