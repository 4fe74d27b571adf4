"""The one question in the way: what becomes of strokes that can't be saved."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

TRY_AGAIN, CLOSE_WITHOUT, STAY = "Try again", "Close without them", "Stay"


def ask_unsaved(parent: QWidget, why: str) -> str:
    """TRY_AGAIN, CLOSE_WITHOUT, or STAY where the question is put away."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Not saved")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText("The strokes drawn last are not saved.")
    box.setInformativeText(why)
    again = box.addButton(TRY_AGAIN, QMessageBox.ButtonRole.AcceptRole)
    without = box.addButton(CLOSE_WITHOUT, QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(STAY, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(again)
    box.setEscapeButton(stay)
    box.exec()
    answers = {again: TRY_AGAIN, without: CLOSE_WITHOUT}
    answer = next((word for button, word in answers.items() if button is box.clickedButton()), STAY)
    box.deleteLater()
    return answer
