"""Bad report files of every class: refused by name in one line, or read; in little time and memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import bad_reports
import look_at_reports
import psutil
import pytest
from bad_reports import ROWS, BadReport

MEMORY = 900  # MB

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of time and memory are set as POSIX has them")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bad_reports(row: BadReport, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(bad_reports.SECRET)
    paths = []
    for number, (name, data) in enumerate(row.make()):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(data)
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, look_at_reports.__file__],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(paths) + 1, f"{paths[len(answers)]} took the process along: {done.stderr[-600:]}"
    for answer in answers[:-1]:
        _judge(row, answer)
    assert answers[-1]["memory"] < MEMORY


def test_the_reading_process_ends_with_its_parent() -> None:
    reader, writer = os.pipe()  # held open here, so that nothing else ends the reading process
    script = (
        "import os, subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'callout.reports.office', 'pdf', str(os.getpid())]\n"
        "print(subprocess.Popen(command).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=reader, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        gone, _ = psutil.wait_procs([child], timeout=20)
    os.close(reader)
    os.close(writer)
    assert gone


def _judge(row: BadReport, answer: dict[str, object]) -> None:
    status, out, err = answer["status"], str(answer["out"]), str(answer["err"])
    allowed = {"refuse": {2}, "load": {0}, "either": {0, 2}}[row.answer]
    assert status in allowed, answer
    if status == 2:
        assert re.fullmatch(r"callout: [^\n]+ — [^\n]+: [^\n]+\n", err), err
        assert Path(str(answer["path"])).name in err
        assert re.search(row.says, err), err
        assert not out
    else:
        assert isinstance(json.loads(out)["figures"], list)
    assert bad_reports.SECRET not in out + err
    assert "root:" not in out
