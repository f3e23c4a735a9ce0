"""What `regulars up` starts ends with it, and one port has one of ours."""

from __future__ import annotations

import http.server
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.config import processes, supervisor
from regulars.config.commands.up import home_of

CHILD = "import time; print('here', flush=True); time.sleep(600)"
PARENT = f"""
import sys
from regulars.config import processes
processes.run([sys.executable, "-c", {CHILD!r}])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_set_up_that_is_ended_leaves_nobody(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "here\n"

        os.kill(parent.pid, number)

        assert parent.wait(60) == -number
        assert parent.stdout.read() == ""  # its end: the child, which holds it too, is gone


def test_what_ends_by_itself_says_how() -> None:
    assert processes.run([sys.executable, "-c", "raise SystemExit(3)"]) == 3


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_a_port_is_held_by_one(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    with processes.sole_server(18432):
        with pytest.raises(processes.PortTakenError), processes.sole_server(18432):
            pass
        with processes.sole_server(18433):
            pass
    with processes.sole_server(18432):
        pass


def test_up_refuses_a_port_that_another_is_setting_up_for(tmp_path: Path) -> None:
    with processes.sole_server(18434):
        done = subprocess.run(
            [sys.executable, "-m", "regulars", "up", "--port", "18434"],
            env=os.environ | {"REGULARS_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    assert done.returncode == 1
    assert "Port 18434 is in use" in done.stderr


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("::", "http://localhost:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("fd00::5", "http://[fd00::5]:8000"),
    ],
)
def test_the_link_is_one_that_opens(host: str, home: str) -> None:
    assert home_of(host, 8000) == home


class OnlyLocalhost(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_known = self.headers["Host"] == "localhost" and self.path == "/healthz"
        self.send_response(200 if is_known else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), OnlyLocalhost) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_web_server_is_asked_directly_and_as_localhost(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert supervisor.answers(f"{web}/healthz")
    assert not supervisor.answers(f"{web}/elsewhere")
    assert not supervisor.answers("http://127.0.0.1:9/healthz")
