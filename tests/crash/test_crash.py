"""A short crash test: one round of every kind; the long one is `make crash`."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from crash import kills, planted, rounds, stage
from crash.account import Account
from crash.process import Process


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage.materials(tmp_path_factory.mktemp("materials"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can look into, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("kind", rounds.KINDS, ids=lambda kind: kind.__name__)
def test_a_round_finds_no_fault(kind: rounds.Kind, folder: Path, materials: Path) -> None:
    outcome = rounds.play(1, folder / "round", materials, kind)
    if outcome.not_here:
        pytest.skip(outcome.not_here)
    assert outcome.fault == ""


@pytest.mark.parametrize("fault", planted.FAULTS)
def test_a_store_that_loses_edits_is_found_out(fault: str, tmp_path: Path, materials: Path) -> None:
    found = (rounds.play(seed, tmp_path / str(seed), materials, kills.while_writing, fault).fault for seed in count())
    assert any(text for text, _ in zip(found, range(8), strict=False))  # by chance, a kill comes right after a commit


def test_an_edit_is_on_disk_before_it_is_acknowledged_with_one_sync(tmp_path: Path, materials: Path) -> None:
    log = tmp_path / "strace.txt"
    if shutil.which("strace") is None or subprocess.run(["strace", "-o", log, "true"], check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")
    strace = ["strace", "-f", "-s", "8", "-e", "trace=fsync,fdatasync,write", "-o", str(log)]
    with Process(Account(), 1, under=strace) as process:
        process.ask(
            "create", *(tmp_path / "a.callout", materials / "images", materials / "report.txt"), "r1", answer="open"
        )
        process.ask("edits", 20, answer="idle")
        process.ask("edits", 300, answer="idle")
        process.ask("close", answer="closed")
    _, steady, _ = re.split(r'write\(1, "\[\\"idle', log.read_text())
    syncs = [len(re.findall(r" f(?:data)?sync\(", part)) for part in _acknowledged(steady)]
    assert len(syncs) > 200
    assert min(syncs) == 1
    assert sum(syncs) <= 1.05 * len(syncs)


def _acknowledged(trace: str) -> list[str]:
    """What was traced from the announcement of each edit to its acknowledgement."""
    return re.findall(r'write\(1, "\[\\"do\\"(.*?)write\(1, "\[\\"done', trace, re.DOTALL)
