"""Every class of bad case files is refused by name or opened right, in every way, and stays as it was to the byte."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import bad_cases
import pytest
from bad_cases import BAD_CASES, BadCase

import callout
from callout.errors import CaseDamaged

LOOK = Path(bad_cases.__file__).with_name("look_at_cases.py")
LOGS = ("-wal", "-journal", "-shm")
HASHED = 1 << 26  # a file larger than this is taken for unchanged where its size, times and room on the disk are


def listing(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything in a folder: what it is, and what is in it."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = ""
        if stat.S_ISREG(status.st_mode) and status.st_size <= HASHED:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        elif stat.S_ISLNK(status.st_mode):
            content = os.readlink(path)
        found[str(path)] = (status.st_mode, status.st_size, status.st_blocks, status.st_mtime_ns, content)
    return found


def looked_at(paths: list[Path]) -> tuple[list[dict[str, Any]], float]:
    """What came of opening each path in every way, and the memory that it took, in MB."""
    given = json.dumps([str(path) for path in paths])
    process = subprocess.run([sys.executable, LOOK], input=given, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    hung = f"hung or died after {lines[-1:]}, of {[path.name for path in paths]}: {process.stderr[-2000:]}"
    assert process.returncode == 0, hung
    assert process.stderr == ""
    return lines[:-1], lines[-1]["memory"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_cases.whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def sound(whole: Path) -> dict[str, dict[str, Any]]:
    """What comes of the whole case, by the way it is opened."""
    return {one["way"]: told(one) for one in looked_at([whole])[0]}


def told(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in ("case", "changed")}


@pytest.mark.parametrize("bad", BAD_CASES, ids=lambda bad: bad.name)
def test_refused_by_name_or_opened_right_and_never_changed(
    bad: BadCase, whole: Path, sound: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    paths = list(bad.make(whole, tmp_path))
    before = listing(tmp_path)
    answers, memory = looked_at(paths)
    problems = [problem for one in answers for problem in wrong(bad, one, sound, paths[one["case"]])]
    after = listing(tmp_path)
    stays = {name for name in {*before, *after} if not name.endswith(LOGS)}
    problems += [f"changed: {name}" for name in stays if before.get(name) != after.get(name)]
    assert memory < bad.memory
    assert not problems, "\n".join(problems)


def wrong(bad: BadCase, one: dict[str, Any], sound: dict[str, dict[str, Any]], path: Path) -> list[str]:
    """What is wrong with one answer; nothing is as a rule."""
    errors = (*bad.errors, "CaseDamaged", "CaseError", "InputError") if bad.answer == "open" else bad.errors
    error, says = one.get("error"), one.get("says", one.get("err", ""))
    refused = error is not None or one.get("status") == 2
    problems = []
    if error is not None and error not in errors:
        problems.append(f"{error}: {says}")
    if "status" in one and one["status"] not in (0, 2):
        problems.append(f"status {one['status']}: {says}")
    if not refused and bad.answer == "refuse":
        problems.append("opened")
    if refused and bad.answer == "load":
        problems.append(says)
    if not refused and bad.answer in ("load", "either") and told(one) != sound[one["way"]]:
        problems.append("opened, and holds something else")
    line = r"(callout: )?[^\n]+" + (r" — [^\n]+: [^\n]+" if bad.answer != "open" else "")
    if refused and not (re.search(bad.says, says) and re.fullmatch(line, says.strip().splitlines()[-1])):
        problems.append(f"says {says!r}")
    printed = one.get("out", "") + one.get("err", "")
    acts = ("Cc",) if one["way"].endswith("--json") else ("Cc", "Cf", "Zl", "Zp")  # JSON keeps a text's own characters
    if any(unicodedata.category(c) in acts and c != "\n" for c in printed):
        problems.append("prints what a terminal would act on")
    # a log that is none goes when the case is written; its index, which anybody may make again, when it is read
    passing = LOGS if one["way"] == "write" else "-shm"
    if not all(name.endswith(passing) for name in one["changed"]):
        problems.append(f"changed {one['changed']}")
    return [f"{path.name!r}, {one['way']}: {problem}" for problem in problems]


def test_what_a_region_is_made_of_is_refused_naming_the_file(whole: Path, tmp_path: Path) -> None:
    (path,) = bad_cases.spoilt("UPDATE strokes SET bits = x'00'")(whole, tmp_path)
    with callout.open_case(path, read_only=True) as case, pytest.raises(CaseDamaged, match=re.escape(str(path))):
        case.mask(case.regions[0])


@pytest.mark.parametrize("command", ["show", "history"])
@pytest.mark.parametrize("name", ["pipe.callout", "empty.callout", "none.callout"])
def test_the_command_itself_ends_with_one_line_and_status_2(tmp_path: Path, command: str, name: str) -> None:
    os.mkfifo(tmp_path / "pipe.callout")
    (tmp_path / "empty.callout").touch()
    program = [sys.executable, "-m", "callout", command, str(tmp_path / name)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"callout: .+ — .*{name}: .+\n", done.stderr)
