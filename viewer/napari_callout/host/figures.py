"""The figure in the window: views become panels, panels are ordered, cropped and shown again, previews are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QDockWidget

from callout.dicom.comparable import incomparable
from callout.errors import CalloutError, InputError
from callout.figures.markers import picture_marks
from callout.figures.recipe import Panel, Recipe, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.snapshot import Snapshot
from callout.figures.source import CaseSource
from callout.volume import Volume
from napari_callout.host.figure_file import FigureFile
from napari_callout.panes.placement import Placement
from napari_callout.qt.figure import FigureShown, FigureView
from napari_callout.session import figure as edits
from napari_callout.session.figure import Box, PanelRow, extras_of, panel_rows
from napari_callout.session.panels import look_of, view_of, window_for
from napari_callout.session.preview import Preview, Previews, Wanted

if TYPE_CHECKING:
    from callout.case import Case
    from callout.reports import Figure
    from napari_callout.host.keys import Keys
    from napari_callout.host.room import Room
    from napari_callout.host.shell import Shell
    from napari_callout.session import Session

SOON_MS = 150  # edits that follow each other so quickly are drawn together
NO_CASE = "No case is open"
NO_FIGURES = "The report has no figures"
DRAWING = "drawing …"
Change = Callable[[Recipe], Recipe]


class Figures(QObject):
    """Wires the figure's panel to a session."""

    _drawn = Signal(object, object)  # from the thread that draws to this one

    def __init__(self, shell: Shell, session: Session, room: Room, beside: QDockWidget) -> None:
        """`beside`: where the panel is a tab too."""
        super().__init__(shell.main_window)
        self._session, self._room, self.view = session, room, FigureView()
        self.dock = shell.add_dock("Figure", self.view, left=False)
        shell.lay_over(self.dock, beside)
        self._elsewhere: Callable[[], bool] = lambda: False  # whether something else than the views is seen
        self._chosen = ""  # the label that was chosen by hand, or by choosing a mention
        self._hung = ""
        self._asked: Wanted | None = None  # what is being drawn
        self._preview: Preview | None = None
        self._asked_at, self._drawn_at = -1, -1  # how many edits the case had when each was asked for
        self._waiting: list[tuple[str, Callable[[Recipe | None], None]]] = []  # for the figure's proposal
        self._file = FigureFile(shell.main_window, session)
        self._previews = Previews(self._drawn.emit)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._ask)
        self._drawn.connect(self._on_drawn)
        session.opened.connect(self._on_opened)
        session.chosen.connect(self._on_chosen)
        session.edited.connect(self.refresh)
        session.views.arranged.connect(self._on_hung)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        view, pressed = self.view, self.actions()
        view.figure_chosen.connect(self.choose)
        view.pressed.connect(lambda name: pressed[name]())
        view.seen.connect(self._soon.start)
        view.shown.connect(self.show_panel)
        view.removed.connect(lambda n: self._change_panels(lambda recipe: edits.without(recipe, n)))
        view.moved.connect(self._move)
        view.cropped.connect(self._crop)
        view.extra_asked.connect(self._draw_extra)

    def actions(self) -> dict[str, Callable[[], object]]:
        """What its keys and buttons do, by name."""
        return {
            "take panel": lambda: self._attempt(self.take),
            "replace panel": lambda: self._attempt(self.replace),
            "as proposed": lambda: self._attempt(self.propose),
            "save figure": lambda: self._file.ask(self.label),
            "figure": self.dock.raise_,
        }

    def follow(self, keys: Keys, elsewhere: Callable[[], bool]) -> None:
        """Write the keys in the tooltips, also once they are others. elsewhere: whether the views are not seen."""
        keys.changed.connect(lambda: self.view.show_keys(keys.words))
        self.view.show_keys(keys.words)
        self._elsewhere = elsewhere

    def close(self) -> None:
        """Draw no more; a file that is being written is written."""
        self._soon.stop()
        self._previews.close()
        self._file.close()

    # Which figure, and what is shown of it ---------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Of the figure that is made; "" where there is none."""
        labels = self._labels()
        return self._chosen if self._chosen in labels else (labels or ("",))[0]

    def choose(self, label: str) -> None:
        """Make this figure."""
        self._chosen = label
        self.refresh()

    def _labels(self) -> tuple[str, ...]:
        case = self._session.case
        return tuple(one.label for one in case.report.figures) if case and case.report else ()

    def _on_opened(self) -> None:
        self._previews.forget()
        self._chosen, self._hung, self._asked, self._preview = "", "", None, None
        self._waiting.clear()
        self.refresh()

    def _on_chosen(self, selection: object) -> None:
        """The figure whose caption has the chosen mention."""
        case = self._session.case
        mention = self._session.selection.mention(case) if case else None
        if case is None or case.report is None or mention is None:
            return
        found = (one.label for one in case.report.figures if mention.id in {own.id for own in one.caption.mentions})
        label = next(found, self.label)
        if label != self.label:
            self.choose(label)

    def _on_hung(self) -> None:
        """The figure that hangs in the views."""
        hung, self._hung = self._hung, self._session.figure
        if self._hung not in ("", hung, self.label):
            self.choose(self._hung)

    def refresh(self) -> None:
        """Show the figure's panels, and have it drawn soon."""
        self._show_rows()
        self._soon.start()

    def _show_rows(self) -> None:
        case, label = self._session.case, self.label
        if case is None:
            self.view.show_figure(FigureShown(why=NO_CASE))
            return
        recipe, why = self._known(case, label)
        rows: tuple[PanelRow, ...] = panel_rows(recipe, case.series_of) if recipe else ()
        own, editable = label in case.recipes, not case.read_only
        self.view.show_figure(
            FigureShown(self._labels(), label, rows, extras_of(recipe), own, editable, why if label else NO_FIGURES)
        )

    def _known(self, case: Case, label: str) -> tuple[Recipe | None, str]:
        """The recipe as far as it is known now; without one, why."""
        if label in case.recipes:
            try:
                return from_toml(case.recipes[label]), ""
            except InputError as error:
                return None, str(error)
        if self._preview is not None and self._preview.label == label:
            return self._preview.recipe, self._preview.problem
        return None, DRAWING

    # The preview -----------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have the figure drawn where it is seen, or a proposal waited for."""
        case, label = self._session.case, self._waiting[0][0] if self._waiting else self.label
        if case is None or not label or not (self._waiting or self.view.isVisible()):
            return
        pictures = {one: self._room.pictures.get(one.id) for one in self._session.series}
        volumes = {
            one.id: Volume(picture.voxels, one.grid, one.id)
            for one, picture in pictures.items()
            if picture is not None and picture.arrived is None
        }
        try:
            snapshot = Snapshot.of(case, label)
        except CalloutError as error:  # a case that can't be read now
            self._session.told.emit(str(error), True)
            return
        self._asked, self._asked_at = Wanted(snapshot, label, self.view.preview.pixels, volumes), len(case.history)
        self._previews.ask(self._asked)

    def _on_drawn(self, wanted: Wanted, preview: Preview) -> None:
        case = self._session.case
        if wanted is not self._asked or case is None:
            return
        self._asked = None
        if len(case.history) != self._asked_at:
            self._soon.start()
            if self._waiting:
                return
        waiting = [action for label, action in self._waiting if label == preview.label]
        self._waiting = [one for one in self._waiting if one[0] != preview.label]
        if preview.label == self.label:
            self._show(preview)
        for action in waiting:
            self._attempt(partial(action, preview.recipe))
        if preview.label != self.label:
            self._soon.start()

    def _show(self, preview: Preview) -> None:
        self._preview, self._drawn_at = preview, self._asked_at
        self._show_rows()
        view = self.view
        if preview.recipe is not None:
            view.preview.show_figure(preview.rgb, preview.boxes, preview.problem)
            view.show_notes(preview.notes if preview.rgb is not None else ())
            view.show_thumbnails()

    # Views become panels ---------------------------------------------------------------------------------------------

    def take(self) -> None:
        """The active view as it is seen becomes the figure's last panel. InputError where it can't."""
        case, figure = self._figure()
        label, seen = figure.label, self._seen(figure, self._panel_view())

        def add(recipe: Recipe | None) -> None:
            drawn = edits.drawn_panel(seen, None, recipe, case, figure, CaseSource(case))
            made = edits.with_panel(recipe, figure, drawn)
            self._keep(label, made)
            self._say(made, len(made.panels) - 1)

        self._with_recipe(label, add)

    def replace(self) -> None:
        """The active view as it is seen takes the place of the chosen panel. InputError where it can't."""
        case, figure = self._figure()
        label, number, seen = figure.label, max(self.view.panel, 0), self._seen(figure, self._panel_view())

        def put(recipe: Recipe | None) -> None:
            if recipe is None or number >= len(recipe.panels):
                raise InputError(f"figure {label} has no panel to replace", remedy="take the view as a new one")
            before = recipe.panels[number].view
            drawn = edits.drawn_panel(seen, before, recipe, case, figure, CaseSource(case))
            made = edits.with_replaced(recipe, number, drawn)
            self._keep(label, made)
            self._say(made, number)

        self._with_recipe(label, put)

    def _seen(self, figure: Figure, framed: View | None) -> Panel:
        """What the active view shows, as a panel; a picture of the report whole, with its marks."""
        if self._elsewhere():
            raise InputError("a panel is made of one of Callout's views", remedy="turn back to them")
        picture = self._session.picture
        if picture is None:
            return Panel("", self._seen_view(framed))
        return Panel("", picture=picture, marks=picture_marks(self._case(), figure, picture))

    def _seen_view(self, framed: View | None) -> View:
        """What the active view shows; as `framed` shows it, where that is what the view was hung with."""
        session, room, views = self._session, self._room, self._session.views
        look, series = views.look, session.shown_series
        if look is None or series is None:
            raise InputError("the view shows no images", remedy="drag a series into it first")
        problem = room.pictures.problems.get(series.id, "")
        if series.id in session.missing or problem:
            raise InputError(f"the images of {series.title} are not there, so they make no panel", problem)
        window = room.pictures.window(series)
        if window is None:
            raise InputError("the view still waits for its first image", remedy="try again once it is seen")
        if look.minus is not None:
            other = next(one for one in session.series if one.id == look.minus)
            reason = incomparable(series, other)
            if reason:
                raise InputError(f"a figure shows no difference of these two: {reason}")
        plane = views.plane_of(look)
        extent = room.view.extent
        scale = Placement.of(look, plane.shape, plane.spacing, extent).scale
        return view_of(look, plane, window, (extent[1] / scale, extent[0] / scale), session.shift_of(look), framed)

    def _panel_view(self) -> View | None:
        """What the chosen panel shows."""
        case = self._session.case
        recipe = self._known(case, self.label)[0] if case else None
        number = self.view.panel
        return recipe.panels[number].view if recipe and 0 <= number < len(recipe.panels) else None

    def _say(self, recipe: Recipe, number: int) -> None:
        self.view.choose(number)
        row = panel_rows(recipe, self._case().series_of)[number]
        panel = f", panel {row.letter}" if row.letter else ""
        self._session.told.emit(f"figure {recipe.label}{panel}: {row.title} · {row.facts}", False)
        self.dock.raise_()

    def show_panel(self, number: int) -> None:
        """Show a panel in the active view: its plane, place and window."""
        self._attempt(lambda: self._show_in_view(number))

    def _show_in_view(self, number: int) -> None:
        session, pictures, views = self._session, self._room.pictures, self._session.views
        recipe = self._known(self._case(), self.label)[0]
        panel = recipe.panels[number] if recipe and 0 <= number < len(recipe.panels) else None
        if panel is None:
            return
        view = panel.view
        if view is None:
            session.report_pictures.show(str(panel.picture))
            return
        series = self._case().series_of(view.series_id)
        look = look_of(view, views.order(series.id))
        pictures.set_window(series, window_for(view, pictures.window(series) or view.window))
        views.put(views.active, look)
        if view.minus is not None and tuple(view.shift_mm) != tuple(session.shift_of(look)):
            session.told.emit("what is subtracted is moved otherwise in the panel than in the view", True)

    # Panels as they are ----------------------------------------------------------------------------------------------

    def _move(self, number: int, to: int) -> None:
        if self._change_panels(lambda recipe: edits.moved(recipe, number, to)):
            self.view.choose(to)

    def _crop(self, number: int, box: Box) -> None:
        seen = self._preview.recipe if self._preview else None
        self._change_panels(lambda recipe: edits.cropped(recipe, number, box, CaseSource(self._case())), seen)

    def _change_panels(self, change: Change, seen: Recipe | None = None) -> bool:
        """Change what a row or frame stands for, unless the figure is another one by then. seen: else what the rows
        show."""
        case = self._session.case
        known = seen if seen is not None or case is None else self._known(case, self.label)[0]

        def put(recipe: Recipe) -> Recipe:
            if known is None or recipe.panels != known.panels:
                raise InputError("the figure has changed since it was drawn", remedy="do it again, as it is seen now")
            return change(recipe)

        return self._change(put)

    def _draw_extra(self, name: str, wanted: bool) -> None:
        def change(recipe: Recipe) -> Recipe:
            case, figure = self._figure()
            extras = extras_of(recipe) | {name} if wanted else extras_of(recipe) - {name}
            return edits.with_extras(recipe, frozenset(extras), case, figure, CaseSource(case))

        if not self._change(change):
            self.view.show_figure(FigureShown())  # the menu's tick is taken back
            self.refresh()

    def propose(self) -> None:
        """The figure as it is proposed."""
        label = self._figure()[1].label
        self._session.change(lambda case: case.drop_recipe(label))

    def _change(self, change: Change) -> bool:
        """Change the recipe; whether that worked, or waits for the proposal."""
        label = self.label

        def put(recipe: Recipe | None) -> None:
            if recipe is None:
                raise InputError(f"figure {label} has no panels", remedy="take a view first")
            self._keep(label, change(recipe))

        return self._attempt(lambda: self._with_recipe(label, put))

    def _with_recipe(self, label: str, action: Callable[[Recipe | None], None]) -> None:
        """Do something with the recipe: at once, or once it is proposed."""
        case = self._case()
        if label in case.recipes:
            action(replace(from_toml(case.recipes[label]), label=label))
        elif self._preview is not None and self._preview.label == label and len(case.history) == self._drawn_at:
            action(self._preview.recipe)
        else:
            self._waiting.append((label, action))
            self._ask()

    def _keep(self, label: str, recipe: Recipe) -> None:
        self._session.change(lambda case: case.set_recipe(label, to_toml(recipe)))

    def _figure(self) -> tuple[Case, Figure]:
        case = self._case()
        figure = case.report.figure(self.label) if case.report and self.label else None
        if figure is None:
            raise InputError("the report has no figure that could have panels")
        return case, figure

    def _case(self) -> Case:
        case = self._session.case
        if case is None:
            raise InputError("there is no case yet", remedy="make one with New case…")
        return case

    def _attempt(self, action: Callable[[], object]) -> bool:
        return self._session.attempt(action)
