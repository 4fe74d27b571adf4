"""The page in a real Chromium: what is seen, clicked and typed; and that it holds nothing it should not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_stacks
import numpy as np
import pydicom
import pytest
from made_stacks import box

import callout
from callout.cli import main
from callout.errors import InputError
from callout.exports.page import write_page

SAMPLES = Path(__file__).parents[3] / "sample_dicoms"
HOSTILE = """</script><script>document.title = "owned"</script>

The <b onclick="x">lung</b> holds a cavity & more (Figure 1).

Figure 1. Axial CT with a cavity (1) </figcaption><img src=x onerror=alert(1)>.
"""
MEAN = """
const canvas = document.getElementById("slice");
const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
return pixels.filter((_, n) => n % 4 === 0).reduce((sum, level) => sum + level, 0) / (canvas.width * canvas.height);
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of both samples."""
    folder = tmp_path_factory.mktemp("pages")
    assert main(["demo", "--no-viewer", "-o", str(folder)]) == 0
    made = {}
    for name in ("thorax", "spine"):
        made[name] = folder / f"{name}.html"
        assert main(["html", str(folder / name / f"{name}.callout"), "-o", str(made[name])]) == 0
    return made


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without a screen, which logs what the page says and asks for."""
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        pytest.skip("chromium and chromedriver are not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync"):
        options.add_argument(f"--{flag}")
    options.add_argument("--disable-background-networking")
    options.add_argument("--disable-component-update")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(str(shutil.which("chromedriver"))))
    driver.set_window_size(1300, 900)
    yield driver
    driver.quit()


def opened(browser: Any, page: Path) -> Any:
    browser.get(page.as_uri())
    wait_for(browser, "return document.getElementById('place').textContent !== ''")
    return browser


def wait_for(browser: Any, script: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(script))


def keys(browser: Any, *typed: str) -> None:
    from selenium.webdriver import ActionChains

    for key in typed:
        ActionChains(browser).send_keys(key).perform()


@pytest.mark.parametrize("name", ["thorax", "spine"])
def test_a_page_is_whole_quiet_and_asks_for_nothing(name: str, pages: dict[str, Path], browser: Any) -> None:
    assert pages[name].stat().st_size < 8_000_000
    browser.get_log("browser"), browser.get_log("performance")
    opened(browser, pages[name])
    assert browser.get_log("browser") == []
    asked = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    addresses = {url for message in asked for url in re.findall(r'"url":"(\w+:)', message)}
    assert addresses <= {"file:", "data:"}
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", pages[name].read_text("utf-8"))


def test_a_mention_lights_its_borders_and_brings_the_slice(pages: dict[str, Path], browser: Any) -> None:
    from selenium.webdriver.common.by import By

    opened(browser, pages["thorax"])
    mention = browser.find_element(By.CSS_SELECTOR, "figcaption button.mention")
    assert mention.text == "Cavitating lesions"
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", mention)
    before = browser.execute_script("return document.getElementById('position').value")
    mention.click()
    lit = browser.find_elements(By.CSS_SELECTOR, "path.border.lit")
    assert {path.get_attribute("data-finding") for path in lit} <= set(mention.get_attribute("data-findings").split())
    assert lit
    assert "right upper lobe" in browser.find_element(By.ID, "told").text
    wait_for(browser, "return document.querySelectorAll('#borders path.lit').length > 0")
    mention.click()
    wait_for(browser, "return document.getElementById('told').textContent.includes('right lower lobe')")
    assert browser.execute_script("return document.getElementById('position').value") != before


@pytest.mark.parametrize("name", ["thorax", "spine"])
def test_every_linked_mention_is_reached_and_lit_by_keys(name: str, pages: dict[str, Path], browser: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    opened(browser, pages[name])
    count = browser.execute_script("return document.querySelectorAll('button[data-findings]').length")
    reached = set()
    for _ in range(count):
        keys(browser, "n")
        reached.add(
            browser.execute_script(
                "return [...document.querySelectorAll('button[data-findings]')].indexOf(document.activeElement)"
            )
        )
        assert browser.execute_script("return document.activeElement.classList.contains('lit')")
    assert reached == set(range(count))
    keys(browser, Keys.ESCAPE)
    assert browser.execute_script("return document.querySelectorAll('.lit').length") == 0


def test_slices_and_windows_change_by_keys(pages: dict[str, Path], browser: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    opened(browser, pages["thorax"])
    lung = browser.execute_script(MEAN)
    place = browser.execute_script("return document.getElementById('place').textContent")
    keys(browser, Keys.ARROW_DOWN)
    wait_for(browser, f"return document.getElementById('place').textContent !== {place!r}")
    keys(browser, "w", "w")
    wait_for(browser, "return document.getElementById('place').textContent.includes('mediastinum')")
    assert browser.execute_script(MEAN) < lung - 20


@pytest.mark.parametrize("width", [390, 800, 1300])
def test_nothing_scrolls_sideways(width: int, pages: dict[str, Path], browser: Any) -> None:
    for page in pages.values():
        opened(browser, page)
        sizes = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
        keys(browser, "n")
        wide = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert wide[0] <= wide[1] == width


def test_on_a_narrow_window_the_stack_does_not_cover_the_chosen_words(pages: dict[str, Path], browser: Any) -> None:
    sizes = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
    try:
        opened(browser, pages["thorax"])
        keys(browser, "n")
        below = "document.activeElement.getBoundingClientRect().bottom"
        wait_for(browser, f"return {below} <= document.getElementById('stack').getBoundingClientRect().top")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_no_two_stacks_have_the_same_name(pages: dict[str, Path], browser: Any) -> None:
    opened(browser, pages["spine"])
    names = browser.execute_script("return [...document.getElementById('series').options].map((one) => one.text)")
    assert len(set(names)) == len(names) > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["thorax", "spine"])
def test_contrast_and_names_hold(name: str, scheme: str, pages: dict[str, Path], browser: Any) -> None:
    from axe_core_python.selenium import Axe

    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    opened(browser, pages[name])
    keys(browser, "n")
    found = Axe().run(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []


def test_hostile_text_stays_text(tmp_path: Path, browser: Any) -> None:
    (tmp_path / "report.txt").write_text(HOSTILE)
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.txt") as case:
        made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)))
        case.change_finding(case.findings[0], name="<img src=x onerror=alert(1)>")
        case.link(case.findings[0], case.report.figures[0].caption.mentions[0])  # type: ignore[union-attr]
        write_page(case, tmp_path / "page.html")
    browser.get_log("browser")
    opened(browser, tmp_path / "page.html")
    assert browser.title != "owned"
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.querySelectorAll('img, script:not([type]) + *').length") == 0


def test_a_border_lies_where_its_voxels_are(tmp_path: Path) -> None:
    """A region at the patient's left is on the right half of the picture and of the small slice."""
    (tmp_path / "report.txt").write_text("A case (Figure 1).\n\nFigure 1. Axial CT with a cavity (1).\n")
    for scan in ("axial", "feet first"):
        folder = tmp_path / scan
        with made_stacks.case(folder, scan, tmp_path / "report.txt") as case:
            grid = case.series[0].grid
            inside = np.zeros(grid.shape, bool)
            points = grid.points(np.argwhere(np.ones(grid.shape[1:], bool)) @ np.eye(3)[1:] + [2, 0, 0])
            left = points[:, 0] > np.median(points[:, 0]) + 1
            inside[2] = left.reshape(grid.shape[1:])
            made_stacks.draw(case, inside)
            write_page(case, folder / "page.html")
        text = (folder / "page.html").read_text("utf-8")
        size = [int(n) for n in re.findall(r'"size":\[(\d+),(\d+)\]', text)[0]]
        rings = re.search(r'"borders":\{"r\d+":\{"2":\[\[([\d.,-]+)\]', text)
        assert rings
        across = [float(n) for n in rings[1].split(",")][::2]
        assert min(across) > size[0] / 2 - 1


def test_a_page_holds_no_identity(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("A case (Figure 1).\n\nFigure 1. Axial CT with a cavity (1).\n")
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.txt") as case:
        made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)))
        write_page(case, tmp_path / "page.html")
        dataset = pydicom.dcmread(next((tmp_path / "images").iterdir()))
        reader = case.reader
    text = re.sub(r"[A-Za-z0-9+/=]{60,}", "", (tmp_path / "page.html").read_text("utf-8"))  # pictures
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)
    for keyword in ("PatientName", "PatientID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert not re.search(rf"\b{re.escape(str(dataset[keyword].value))}\b", text)
    assert not re.search(rf"\b{reader}\b", re.sub(r'"id":"r\d+"|"r\d+":', "", text))


def test_a_case_without_a_report_has_no_page(tmp_path: Path) -> None:
    with made_stacks.case(tmp_path) as case, pytest.raises(InputError, match="no report"):
        write_page(case, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_the_same_case_gives_the_same_page(pages: dict[str, Path], tmp_path: Path) -> None:
    case = pages["thorax"].parent / "thorax" / "thorax.callout"
    assert main(["html", str(case), "-o", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_bytes() == pages["thorax"].read_bytes()
    with callout.open_case(case, read_only=True) as opened_case:
        assert opened_case.report is not None
