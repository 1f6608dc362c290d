"""Save a screenshot of every page in three sizes, light and dark, to shots/: `python -m bench.shots`."""

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import App, browser_path, open_page
from views.road import ROAD

FOLDER = Path(__file__).parent.parent / "shots"
SIZES = {"desk": (1440, 900), "projector": (1024, 768), "phone": (390, 844)}


def main() -> None:
    """Start an app of its own and walk the road."""
    FOLDER.mkdir(exist_ok=True)
    app = App(FOLDER)
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            browser = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
            for size in SIZES:
                for scheme in ("light", "dark"):
                    walk(app, browser, size, scheme)
            browser.close()
    finally:
        app.stop()


def walk(app: App, browser: Browser, size: str, scheme: str) -> None:
    """Every page at one size, in one theme."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    for stations in ROAD.values():
        for station in stations:
            open_page(page, app.url(station.path))
            page.wait_for_timeout(700)
            target = FOLDER / f"{station.path or 'home'}-{size}-{scheme}.png"
            page.screenshot(path=target)
            print(target.relative_to(FOLDER.parent))
    context.close()


if __name__ == "__main__":
    main()
