"""The one Playwright of this process: a second cannot stand beside it, and several folders need one."""

import atexit
from functools import cache

from playwright.sync_api import Playwright, sync_playwright


@cache
def playwright() -> Playwright:
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started
