"""Journey (g): the window is killed within a stroke; what was drawn before is there, and one is where one was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reader import Done, Reader, Stroke

import callout

TESTS = Path(__file__).parents[1]


def killed(path: Path) -> tuple[Done, dict[str, object]]:
    """A reader draws on the case and is killed; what was done, and where that was."""
    done, where = Done(), {}
    roots = os.pathsep.join([str(TESTS), *(entry for entry in sys.path if entry)])
    child = subprocess.Popen(
        [sys.executable, "-m", "killed_reader", str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": roots},
        text=True,
    )
    assert child.stdout is not None
    with child:
        for line in child.stdout:
            words = json.loads(line)
            if "drawing" in words:
                assert words["drawing"] == "drawing"
                break
            if "stroke" in words:
                fields = words["stroke"] | {name: tuple(words["stroke"][name]) for name in ("start", "end")}
                done.lesions.append((words["mention"], [Stroke(**fields)]))
                done.edits += 1
            else:
                where = words
        child.kill()
    return done, where


def test_nothing_is_lost_with_the_window(request: pytest.FixtureRequest, samples: Path, tmp_path: Path) -> None:
    path, sample = tmp_path / "chest.callout", samples / "thorax"
    callout.create_case(path, sample / "images", sample / "report.txt", reader="r1").close()
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        pytest.skip("there is no display to show a window on")
    done, where = killed(path)
    assert len(done.lesions) == 3
    done.not_drawn["2:#1"] = "histology"
    reader: Reader = request.getfixturevalue("reader")
    case = reader.open_case(path)
    done.check(case)
    session = reader.session
    assert where == {"series": session.series_id, "k": session.k, "finding": session.selection.finding_id}
    assert session.saved.startswith("saved")
    reader.do("next mention")
    assert session.selection.mention_id == case.todo[0].id
    reader.lesion(done, (200, 200), (210, 220))  # and on it goes
    done.check(case)
    assert reader.troubles == []
