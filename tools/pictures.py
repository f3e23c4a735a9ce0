"""Takes the pictures of the documentation from the demo company, in a real browser.

python tools/pictures.py             all of them, into docs/pictures/
python tools/pictures.py home till   only these

Needs Chromium and the development requirements. Every picture is a WebP of at most 1280 pixels.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 375, "height": 740}
Take = Callable[[Browser, str, dict[str, Any]], bytes]
OWNER = """
import json, sys
from django.conf import settings
from django.test import Client
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.console import demo
from regulars.customers.models import Customer
from regulars.feedback.models import Case
from regulars.mailing.models import Message
from regulars.outreach import letters
from regulars.outreach.actions import thanking
from regulars.outreach.models import Thanks
from regulars.surveys.models import Survey
from regulars.rewards.models import Offer
from regulars.rewards.actions import vouchers

owner = Staff.objects.create_user("eszter@example.com", "pictures of the demo",
    name="Mandula Eszter", language="en")
StaffRole.objects.create(staff=owner, role=Role.OWNER)
demo.begin(by=owner)
client = Client()
client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[0])
letter = Thanks.objects.filter(way="letter", language="en", sent_at=None).first() or (
    Thanks.objects.filter(way="letter").exclude(voucher=None).first()
)
with open(sys.argv[1], "wb") as file:
    file.write(letters.picture(thanking.content_of(letter), language=letter.language))
regular = Thanks.objects.filter(customer__responses__isnull=False).order_by("pk").first().customer
cake = Offer.objects.filter(gives="item").first()
asked = Message.objects.filter(purpose="survey", language="en").last()
print(json.dumps({
    "session": [settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value],
    "language": settings.LANGUAGE_COOKIE_NAME,
    "customer": f"/customers/{regular.public_id}/",
    "case": Case.objects.filter(state="open").exclude(feedback__text="").first().get_absolute_url(),
    "question": f"/o/{Survey.objects.get(metric='nps').open_token}/",
    "mail": f"/outbox/{asked.public_id}/preview/",
    "code": vouchers.issue(cake, regular, key="picture", by=owner).code,
}))
"""


def main(wanted: list[str]) -> None:
    """Start the demo in a folder of its own and take the wanted pictures of it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="regulars-pictures-") as folder:
        letter = Path(folder) / "letter.png"
        _run(folder, "-m", "regulars", "migrate")
        known = json.loads(_python(folder, OWNER, str(letter)).splitlines()[-1])
        with running(Path(folder)) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for name, take in PICTURES.items():
                if not wanted or name in wanted:
                    _keep(name, take(browser, origin, known))
            browser.close()
        if not wanted or "letter" in wanted:
            _keep("letter", letter.read_bytes(), upper=0.62)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`regulars up` with its data in `folder`; its origin."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "regulars", "up", "--port", str(port)],
        env=_environment(folder),
        stdout=subprocess.DEVNULL,
    )
    origin = f"http://localhost:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{origin}/healthz", timeout=2).close()
                break
            except (OSError, urllib.error.URLError):
                time.sleep(0.5)
        yield origin
    finally:
        process.terminate()
        process.wait(30)


def _environment(folder: Path | str) -> dict[str, str]:
    return {**os.environ, "REGULARS_DATA": str(folder), "PYTHONPATH": str(ROOT / "src")}


def _python(folder: str, code: str, *arguments: str) -> str:
    return _run(folder, "-c", f"import django; django.setup()\n{code}", *arguments)


def _run(folder: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**_environment(folder), "DJANGO_SETTINGS_MODULE": "regulars.config.settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _page(
    browser: Browser,
    origin: str,
    known: dict[str, Any],
    *,
    size: Any = WIDE,
    language: str = "en",
    scheme: Any = "light",
) -> Page:
    context = browser.new_context(
        base_url=origin,
        viewport=size,
        locale=language,
        color_scheme=scheme,
        device_scale_factor=1 if size is WIDE else 2,
        reduced_motion="reduce",
    )
    name, value = known["session"]
    cookies = [(name, value), (known["language"], language)]
    context.add_cookies(
        [{"name": n, "value": v, "domain": "localhost", "path": "/"} for n, v in cookies]
    )
    return context.new_page()


def _shot(page: Page, path: str, *, whole: bool = False) -> bytes:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # the charts are drawn
    for banner in page.locator("main .notice:has(form[action='/demo/end/'])").all():
        banner.evaluate("one => one.remove()")
    return page.screenshot(full_page=whole)


def _plain(key: str, **look: Any) -> Take:
    return lambda browser, origin, known: _shot(
        _page(browser, origin, known, **look), known.get(key, key)
    )


def _till(browser: Browser, origin: str, known: dict[str, Any]) -> bytes:
    """Pair a phone as a till and look a voucher up."""
    desk = _page(browser, origin, known)
    desk.goto("/account/")
    desk.locator("form[action$='/account/pin/'] [name=pin]").fill("4831")
    desk.locator("form[action$='/account/pin/'] button").click()
    desk.goto("/settings/devices/")
    desk.fill("[name=name]", "Counter")
    desk.select_option("[name=place]", label="Kossuth tér")
    desk.locator("form[action$='/codes/'] button").click()
    pairing = desk.locator(".copy code").inner_text()
    till = _page(browser, origin, known, size=PHONE)
    till.goto("/pair/")
    till.fill("[name=code]", pairing)
    till.locator("main form button").click()
    till.fill("[name=pin]", "4831")
    till.locator("main form button").last.click()
    till.fill("[name=code]", known["code"])
    till.locator(".till__key").click()
    till.locator(".till__gives").wait_for()
    return till.screenshot()


def _keep(name: str, shot: bytes, *, upper: float = 1) -> None:
    """Into docs/pictures; `upper` is the part kept, from above."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, round(picture.height * upper)))
    picture.thumbnail((1280, 1480))
    file = FOLDER / f"{name}.webp"
    picture.save(file, quality=82, method=6)
    print(f"{file.relative_to(ROOT)}: {picture.width} × {picture.height}, {file.stat().st_size} B")


PICTURES = {
    "home": _plain("/?period=quarter"),
    "home-dark-ka": _plain("/", size=PHONE, language="ka", scheme="dark"),
    "customers": _plain("/customers/"),
    "customer": _plain("customer"),
    "mail": _plain("mail", size={"width": 640, "height": 420}),
    "question": _plain("question", size=PHONE),
    "question-dark-ka": _plain("question", size=PHONE, language="ka", scheme="dark"),
    "case": _plain("case"),
    "thanks": _plain("/thanks/"),
    "till": _till,
}

if __name__ == "__main__":
    main(sys.argv[1:])
