"""A real app on a free port, and a real browser in front of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.one_playwright import playwright
from views.road import ROAD

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
expect.set_options(timeout=15_000)


def browser_path() -> str:
    """The Chromium to use. Without one the tests are skipped at home, and fail in CI."""
    for name in (os.environ.get("CHROMIUM"), *NAMES, MAC):
        if name and (found := shutil.which(name)):
            return found
    missing = "no Chromium found: install Debian's package chromium, or set CHROMIUM to its path"
    return pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A busy machine may answer a browser too late: what fails twice, in two fresh pages, has failed."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


class App:
    """A running Glassbox with a store of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = home / "app.log"
        own = {"GLASSBOX_HOME": str(home), "GLASSBOX_DISPATCHER_IDLE": "20", "PORT": str(self.port)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env=os.environ | own | settings,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self.process.stdout:
            if "ready" in line:
                return
        pytest.fail(f"the app did not start: {self.log.read_text()[-2000:]}")

    def url(self, path: str = "") -> str:
        return f"http://localhost:{self.port}/{path}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory):
    running = App(tmp_path_factory.mktemp("home"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
    browser = playwright().chromium.launch(executable_path=browser_path(), args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the script has run to its end."""
    page.goto(url)
    settled(page)


def settled(page: Page) -> None:
    """Wait until Streamlit has nothing left to do."""
    page.wait_for_function(
        """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning"
                 && document.querySelector('h1') && !document.querySelector('[data-testid="stSkeleton"]')""",
        timeout=30_000,
    )
    page.wait_for_timeout(250)


def go_to(page: Page, title: str) -> None:
    """Walk to another page by the menu above the page."""
    part = next(part for part, stations in ROAD.items() for station in stations if station.title == title)
    if part:
        page.get_by_test_id("stTopNavSection").filter(has_text=part).click()
    page.get_by_role("menuitem" if part else "link", name=title, exact=True).click()
