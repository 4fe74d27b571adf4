"""What napari does not promise: its main window, its canvas, its own docks. Only this module reaches for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow, QMenu, QStackedWidget, QToolBar, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Labels


class Shell:
    """napari's window, seen by the host."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer  # nothing of the window is held: napari lets go of it when it closes

    @property
    def _window(self) -> Any:
        return self._viewer.window

    @property
    def _qt_viewer(self) -> Any:
        return self._window._qt_viewer

    @property
    def main_window(self) -> QMainWindow:
        """The window itself."""
        return cast(QMainWindow, self._window._qt_window)

    @property
    def canvas(self) -> QWidget:
        """The widget on which the picture is drawn."""
        return cast(QWidget, self._qt_viewer.canvas.native)

    @property
    def can_stay(self) -> bool:
        """Whether a window that is asked to close could go on: `Viewer.close` takes its picture away before."""
        return not self._qt_viewer.isHidden()

    def add_page(self, widget: QWidget) -> None:
        """Put a widget in the middle, before napari's own picture, which becomes the second page.

        In a window that was not shown yet the picture waits outside until it is turned to: a window with OpenGL in it,
        seen or not, takes twice as long to draw anything.
        """
        middle: Any = cast(Any, self.main_window.centralWidget()).layout()
        self._pages, self._second = QStackedWidget(), QWidget()  # so the picture is hidden only where it is closed
        self._pages.setObjectName("pages")
        self._pages.addWidget(widget)
        whole = QVBoxLayout(self._second)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(middle.itemAt(0).widget())
        middle.addWidget(self._pages)
        if self.main_window.isVisible():
            self.bring_picture()

    def bring_picture(self) -> None:
        """napari's own picture is in the window, though not seen."""
        if self._pages.count() == 1:
            self._pages.addWidget(self._second)

    def turn_to(self, picture: bool) -> None:
        """Show napari's own picture, or our page."""
        if picture:
            self.bring_picture()
        self._pages.setCurrentIndex(1 if picture else 0)

    def add_bar(self, name: str, widget: QWidget, top: bool) -> QToolBar:
        """Put a row across the window, above or below everything."""
        bar = QToolBar(name, self.main_window)
        bar.setObjectName(name)
        bar.setMovable(False)
        bar.setStyleSheet("QToolBar { border: none; padding: 0; margin: 0; spacing: 0; }")
        bar.addWidget(widget)
        area = Qt.ToolBarArea.TopToolBarArea if top else Qt.ToolBarArea.BottomToolBarArea
        self.main_window.addToolBar(area, bar)
        return bar

    def add_dock(self, name: str, widget: QWidget, left: bool) -> QDockWidget:
        """Dock a panel through napari, so that its window menu lists it."""
        area = "left" if left else "right"
        dock = self._window.add_dock_widget(widget, name=name, area=area, add_vertical_stretch=False)
        return cast(QDockWidget, dock)

    @property
    def is_light(self) -> bool:
        """Whether napari's theme is a light one."""
        from napari.utils.theme import get_theme

        return bool(get_theme(self._viewer.theme).type == "light")

    def on_theme(self, heard: Callable[[], object]) -> None:
        """Call when napari's theme changes."""
        self._viewer.events.theme.connect(lambda event: heard())

    def add_menu(self, name: str) -> QMenu:
        """Put a menu of ours in the menu bar, before napari's help."""
        menu = QMenu(name, self.main_window)
        self.main_window.menuBar().insertMenu(self._window.help_menu.menuAction(), menu)
        return menu

    def lay_over(self, dock: QDockWidget, other: QDockWidget) -> None:
        """Make two docks tabs of one place."""
        self.main_window.tabifyDockWidget(other, dock)

    def tuck_own_docks(self, under: QDockWidget) -> None:
        """napari's layer list and layer controls become tabs behind one of ours; its status line makes room."""
        window = self.main_window
        for dock in (self._qt_viewer.dockLayerControls, self._qt_viewer.dockLayerList):
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            window.tabifyDockWidget(under, dock)
        under.raise_()
        window.statusBar().hide()
        self._qt_viewer.show_welcome_screen = False

    def set_widths(self, docks: dict[QDockWidget, int]) -> None:
        """Give docks their widths in pixels."""
        self.main_window.resizeDocks(list(docks), list(docks.values()), Qt.Orientation.Horizontal)

    def set_heights(self, docks: dict[QDockWidget, int]) -> None:
        """Give docks their heights in pixels."""
        self.main_window.resizeDocks(list(docks), list(docks.values()), Qt.Orientation.Vertical)


def end_drag(layer: Labels) -> None:
    """What the hand still draws ends here: its layer shows another series, or goes."""
    layer._mouse_drag_gen.clear()
    layer._persisted_mouse_event.clear()


def forget_history(layer: Labels) -> None:
    """Undo is the case's: what napari noted of a stroke goes."""
    layer._reset_history()
