"""Every class of bad input gets the answer that is promised for it, in every way it can be asked."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bad_input
import numpy as np
import pytest
from bad_input import BAD_INPUTS, BadInput
from bad_input.row import Seen

LOOK = Path(bad_input.__file__).parent.with_name("look_at_input.py")
Answers = dict[str, dict[str, Any]]
WRITTEN = re.compile(r"[a-z0-9-]+(\.resampled)?\.nii\.gz")


class Looker:
    """A process that looks at one folder after another, each way in a fork of its own."""

    def __init__(self, folder: Path) -> None:
        self.answer, self.out = folder / "answer.json", folder / "out"
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        self.process = subprocess.Popen(
            [sys.executable, LOOK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def look(self, folder: Path, seconds: int) -> tuple[Answers, float]:
        """What came of it by way, and the most memory that it took, MB."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([str(folder), str(self.out), str(self.answer), seconds]) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"
        answers = json.loads(self.answer.read_text())
        return answers, answers.pop("megabytes")

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def looker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looker]:
    looker = Looker(tmp_path_factory.mktemp("look"))
    yield looker
    looker.close()


def listing(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything in a folder, without its contents."""
    found: dict[str, tuple[object, ...]] = {}
    todo = [folder]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                found[entry.path] = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns)
                if entry.is_dir(follow_symlinks=False) and os.access(entry.path, os.R_OK):
                    todo.append(Path(entry.path))
    return found


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_answer(bad: BadInput, tmp_path: Path, looker: Looker) -> None:
    problems = []
    for number, (name, make) in enumerate(bad.variants.items()):
        folder = tmp_path / f"v{number}"
        folder.mkdir()
        make(folder)
        before = listing(folder)
        answers, megabytes = looker.look(folder / bad.given, bad.seconds)
        told = [*common(bad, answers), *Judge(bad, answers).problems()]
        if megabytes > bad.megabytes:
            told.append(f"took {megabytes:.0f} MB")
        if listing(folder) != before:
            told.append("the folder was changed")
        problems += [f"{name!r}: {problem}" for problem in told]
        shutil.rmtree(folder)
    assert not problems, "\n".join(problems)


def common(bad: BadInput, answers: Answers) -> list[str]:
    """What is wrong whatever the answer should be: crashes, tracebacks, leftovers, what a terminal would act on."""
    problems = []
    for way, answer in answers.items():
        if answer.get("error") in ("traceback", "killed"):
            problems.append(f"{way}: {answer['error']}: {answer['says']}")
        elif way != "python":
            problems += [f"{way}: {problem}" for problem in badly_said(answer, way == "inspect")]
    files = answers["convert"].get("files")
    if any(not WRITTEN.fullmatch(name) for name in files or ()):
        problems.append(f"convert: left {files}")
    if answers["convert"].get("status") == 2 and files is not None:
        problems.append(f"convert: refused, and left {files}")
    return problems


def badly_said(answer: dict[str, Any], table: bool) -> list[str]:
    problems = []
    status, out, err = answer.get("status"), answer.get("out", ""), answer.get("err", "")
    if status not in (0, 2):
        problems.append(f"status {status}")
    acts = ("Cc", "Cf", "Zl", "Zp") if table else ("Cc",)  # JSON keeps a text's own characters
    if any(unicodedata.category(c) in acts and c != "\n" for c in out + err):
        problems.append("prints what a terminal would act on")
    if status == 2 and (out or not re.fullmatch(r"callout: [^\n]+ — [^\n]+: [^\n]+\n", err)):
        problems.append(f"status 2, and says {out!r} {err!r}")
    if any(not line.startswith("callout: ") for line in err.splitlines()):
        problems.append(f"says {err!r}")
    return problems


class Judge:
    """Compares what was answered about one variant with what was promised."""

    def __init__(self, bad: BadInput, answers: Answers) -> None:
        self.bad, self.answers = bad, answers
        self.series = answers["python"].get("series", [])
        self.volumes = [one for one in self.series if "shape" in one]
        self.errors = [one["says"] for one in (*self.series, answers["python"]) if "error" in one]
        self.listed = self.json_of("inspect --json")
        self.decoded = self.json_of("inspect --pixels")

    def json_of(self, way: str) -> dict[str, Any]:
        answer = self.answers[way]
        if answer.get("status") != 0:
            return {"series": [], "skipped": []}
        document: dict[str, Any] = json.loads(answer["out"], parse_constant=pytest.fail)
        return document

    def fits(self, *texts: str) -> bool:
        """Whether a message says and names what it must."""
        return any(re.search(self.bad.says, text) and self.bad.names in text for text in texts)

    def problems(self) -> list[str]:
        problems = [f"not true: {untrue}" for one in self.volumes if (untrue := self.untrue(one))]
        expected = {"load": self.loads, "warn": self.warns, "skip": self.skips, "late": self.late}
        problems += expected.get(self.bad.answer, self.refuses)()
        shapes = tuple(tuple(one["shape"]) for one in self.volumes)
        if self.bad.stacks is not None and shapes != self.bad.stacks:
            problems.append(f"stacks {shapes}; {self.errors}; {self.listed['skipped'][:3]}")
        if self.bad.answer != "refuse":
            problems += self.agrees()
        return problems

    def untrue(self, one: dict[str, Any]) -> str:
        if not one["bits"]:
            return ""
        voxels = np.frombuffer(base64.b64decode(one["bits"]), one["dtype"]).reshape(one["shape"])
        return self.bad.untrue(Seen(voxels, *(np.array(one[key]) for key in ("origins", "row_step", "column_step"))))

    def agrees(self) -> list[str]:
        """Whether the commands found what the library found."""
        problems = []
        decoded = [one["shape"] for one in self.decoded["series"]]
        if decoded != [one["shape"] for one in self.volumes]:
            problems.append(f"inspect --pixels found {decoded}: {self.answers['inspect --pixels']['err']}")
        files = self.answers["convert"].get("files") or []
        if self.bad.answer != "late" and self.bad.converts and len(files) != len(self.volumes):
            problems.append(f"convert wrote {files}: {self.answers['convert'].get('err')}")
        return problems

    def refused(self) -> list[str]:
        """Path and reason of what was skipped; what is no file, or in a text's name no image, is none of them."""
        others = re.compile(
            r"^a (FIFO|socket|device), not|leads nowhere|is read already|can't be listed|^a DICOMDIR \("
        )
        kept = [one for one in self.listed["skipped"] if not others.search(one["reason"])]
        return [f"{one['path']}: {one['reason']}" for one in kept if not one["path"].endswith(".txt")]

    def loads(self) -> list[str]:
        warnings = [warning for one in self.listed["series"] for warning in one["warnings"]]
        return [f"says {warnings} {self.refused()}"] if warnings or self.refused() else []

    def warns(self) -> list[str]:
        warnings = [warning for one in self.listed["series"] for warning in one["warnings"]]
        problems = [f"{warning} names no file" for warning in warnings if not warning["path"]]
        if not self.fits(*(f"{warning['path']}: {warning['message']}" for warning in warnings)):
            problems.append(f"warns {warnings}, errors {self.errors}, skips {self.refused()}")
        if not re.search(self.bad.says, self.answers["inspect"]["out"]):
            problems.append("inspect does not say it")
        return problems

    def skips(self) -> list[str]:
        problems = []
        if not self.fits(*self.refused()):
            problems.append(f"skips {self.refused()}, errors {self.errors}")
        for way, stream in (("inspect", "out"), ("convert", "err")):
            if not re.search(self.bad.says, self.answers[way].get(stream, "")):
                problems.append(f"{way} does not say it: {self.answers[way]}")
        return problems

    def late(self) -> list[str]:
        pixels = self.answers["inspect --pixels"]
        told = [f"{one['path']}: {one['reason']}" for one in self.decoded["skipped"]]
        texts = [*told, *self.errors, pixels.get("err", "")]
        return [] if self.fits(*texts) else [f"says {texts}"]

    def refuses(self) -> list[str]:
        problems = []
        python = self.answers["python"]
        if python.get("error") not in ("NoImages", "InputError") or not self.fits(python["says"]):
            problems.append(f"python: {self.errors or [one['shape'] for one in self.volumes]}")
        for way in ("inspect", "inspect --json", "inspect --pixels", "convert"):
            answer = self.answers[way]
            if answer.get("status") != 2 or not self.fits(answer["err"]):
                problems.append(f"{way}: status {answer.get('status')}, says {answer.get('err')!r}")
        return problems
