"""The built wheel runs on its own: installed into an empty environment, it serves whole pages."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import messages

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.longer


def uv(*arguments: str | Path) -> None:
    found = ROOT / ".tools" / "bin" / "uv"
    program = str(found) if found.exists() else shutil.which("uv")
    assert program, "bin/test installs uv into .tools"
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what the repository holds, without compiled catalogues."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    constraints = ROOT / "requirements" / "build.txt"
    python = ["--python", sys.executable]
    uv("build", "--wheel", *python, "--build-constraints", constraints, "-o", folder, source)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`regulars` in an environment that holds nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    uv("venv", "--python", sys.executable, folder)
    python = ["--python", folder / "bin" / "python"]
    constraints = ROOT / "requirements" / "app.txt"
    uv("pip", "install", *python, "-r", constraints, "--require-hashes")
    uv("pip", "install", *python, "--no-deps", wheel)
    return folder / "bin" / "regulars"


@pytest.fixture
def address(program: Path, tmp_path: Path) -> Iterator[str]:
    """A running installation; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REGULARS_", "PYTHON", "DJANGO_"))
    }
    running = subprocess.Popen(
        [program, "up", "--port", str(port)],
        cwd=tmp_path,
        env=kept | {"REGULARS_DATA": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_it_answers(f"http://localhost:{port}/healthz", running)
        yield f"http://localhost:{port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)


def wait_until_it_answers(address: str, running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert running.poll() is None, running.communicate()[0]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"{address} never answered")


def page(address: str, language: str) -> str:
    request = urllib.request.Request(address, headers={"Accept-Language": language})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def test_catalogues_templates_and_assets_are_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())

    wanted = {
        path.relative_to(ROOT / "src").as_posix()
        for package in messages.translated_packages()
        for suffix in ("templates/**/*.html", "static/**/*.css", "static/**/*.js")
        for path in package.glob(suffix)
    }
    compiled = {
        path.relative_to(ROOT / "src").with_suffix(".mo").as_posix()
        for path in (ROOT / "src" / "regulars").glob("*/locale/*/LC_MESSAGES/django.po")
    }
    assert (wanted | compiled) - inside == set()
    assert "regulars/py.typed" in inside


def test_it_serves_translated_pages_with_their_static_files(address: str) -> None:
    english, hungarian = (page(f"{address}/account/login/", code) for code in ("en", "hu"))

    assert '<html lang="en"' in english
    assert '<html lang="hu"' in hungarian
    assert re.sub(r"<[^>]+>|\s", "", english) != re.sub(r"<[^>]+>|\s", "", hungarian)
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', english))
    assert files
    assert all(re.search(r"\.[0-9a-f]{12}\.", name) for name in files), files
    for name in files:
        with urllib.request.urlopen(address + name, timeout=30) as answer:
            assert answer.status == 200
            assert len(answer.read()) > 0
