"""A real archive as a peer: Orthanc, in a network of its own where only loopback exists.

Run as a program (`unshare -n python archive.py FOLDER FILE…`) it stores every file by DICOMweb, fetches it again by
REST and by DICOMweb, and prints what came back otherwise: {FILE: [message, …]}.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pydicom

PORT = 8042
ROOT = f"http://127.0.0.1:{PORT}"
DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
AS_IT_IS = 'multipart/related; type="application/dicom"; transfer-syntax=*'  # else it sends plain pixels
BOUNDARY = "part-of-a-dicom-file"


def orthanc(files: Sequence[Path]) -> dict[str, list[str]]:
    """For each file what Orthanc gave back otherwise. Refused or NotInstalled as of any other program."""
    from interop.child import NotInstalled, program, run

    if not DICOMWEB.exists():
        raise NotInstalled("orthanc-dicomweb")
    program("Orthanc")
    alone = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
    with tempfile.TemporaryDirectory() as folder:
        said = run([*alone, sys.executable, __file__, folder, program("Orthanc"), *files], seconds=600)
    held: dict[str, list[str]] = json.loads(said.splitlines()[0])
    return held


def main(folder: Path, server: str, files: Sequence[Path]) -> dict[str, list[str]]:
    _loopback_up()
    settings = {
        "StorageDirectory": str(folder / "files"),
        "IndexDirectory": str(folder / "files"),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "HttpPort": PORT,
        "DicomServerEnabled": False,
        "Plugins": [str(DICOMWEB)],
        "DicomWeb": {"Enable": True},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([server, str(folder / "orthanc.json")], stdout=log, stderr=log)
        try:
            _wait()
            return {str(file): _there_and_back(file) for file in files}
        finally:
            running.terminate()
            running.wait(20)


def _there_and_back(file: Path) -> list[str]:
    sent = file.read_bytes()
    dataset = pydicom.dcmread(file)
    body = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode() + sent + f"\r\n--{BOUNDARY}--".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    try:
        _ask("/dicom-web/studies", body, {"Content-Type": kind, "Accept": "application/dicom+json"})
        [key] = json.loads(_ask("/tools/lookup", dataset.SOPInstanceUID.encode()))
        stored = _ask(f"/instances/{key['ID']}/file")
        path = f"/dicom-web/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        answer = _ask(f"{path}/instances/{dataset.SOPInstanceUID}", headers={"Accept": AS_IT_IS})
        listed = json.loads(_ask(f"{path}/instances", headers={"Accept": "application/dicom+json"}))
        _ask(f"/instances/{key['ID']}", method="DELETE")  # the same object comes in other transfer syntaxes too
    except (urllib.error.URLError, ValueError, KeyError, OSError) as error:
        return [f"{type(error).__name__}: {error}"]
    wrong = [] if stored == sent else ["REST gives other bytes back"]
    inner = answer.partition(b"\r\n\r\n")[2]
    again = pydicom.dcmread(BytesIO(inner[: inner.rindex(b"\r\n--")]))
    changed = [e.keyword or str(e.tag) for e in dataset if e.tag not in again or again[e.tag].value != e.value]
    changed += [e.keyword or str(e.tag) for e in again if e.tag not in dataset]
    wrong += [f"DICOMweb gives {', '.join(changed)} back otherwise"] if changed else []
    return wrong + ([] if len(listed) == 1 else [f"DICOMweb lists {len(listed)} instances"])


def _ask(
    path: str, body: bytes | None = None, headers: dict[str, str] | None = None, method: str | None = None
) -> bytes:
    request = urllib.request.Request(ROOT + path, body, headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        data: bytes = answer.read()
        return data


def _wait() -> None:
    for _ in range(100):
        try:
            _ask("/system")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Orthanc does not answer")


def _loopback_up() -> None:
    """SIOCSIFFLAGS on lo; refuses to go on where there is another interface, since Orthanc listens on all."""
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    if others:
        raise SystemExit(f"there is a network here ({', '.join(others)}): run this under `unshare -n`")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1))  # IFF_UP


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], [Path(name) for name in sys.argv[3:]])))
