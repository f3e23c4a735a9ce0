"""A real installation for tests that race and kill: its own folder, database and processes.

Both engines. The migrated database is made once a run and copied for each test. Processes come
from a fork server that has Django loaded already, so starting one takes milliseconds; each is a
process of its own with its own connection, and is killed like any other.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.faults import warm

ROOT = Path(__file__).resolve().parents[2]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])


@dataclass
class Child:
    """A running process of an installation."""

    process: ForkServerProcess
    output: Path

    def wait(self, timeout: float = 120) -> int:
        """Its exit status; negative when a signal ended it. Fails when it does not end in time."""
        self.process.join(timeout)
        assert self.process.exitcode is not None, f"still running\n{self.printed}"
        return self.process.exitcode

    @property
    def printed(self) -> str:
        """What it wrote to standard output and standard error so far."""
        return self.output.read_text() if self.output.exists() else ""


@dataclass
class Stage:
    """One installation. `run` and `start` execute Python there, in processes of their own."""

    engine: str
    folder: Path
    url: str
    children: list[Child] = field(default_factory=list)
    commands: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, code: str, *arguments: object, **variables: str) -> Child:
        """Start a process that runs `code`, with Django set up and `sys.argv[1:]` as given."""
        output = self.folder / f"output-{len(self.children)}"
        process = _context.Process(
            target=warm.run_code,
            args=(code, [str(a) for a in arguments], variables, self.url, str(output)),
        )
        process.start()
        child = Child(process, output)
        self.children.append(child)
        return child

    def run(self, code: str, *arguments: object, seconds: float = 120, **variables: str) -> str:
        """Run `code` to its end; what it printed. Fails with its errors when it fails, and when
        it takes longer than so many seconds.
        """
        child = self.start(code, *arguments, **variables)
        assert child.wait(seconds) == 0, child.printed
        return child.printed.strip()

    def value(self, expression: str) -> Any:
        """What `expression` gives there, through JSON; `m("app", "Model")` is a model."""
        code = (
            "import json\nfrom django.apps import apps\nm = apps.get_model\n"
            f"print(json.dumps({expression}, default=str))"
        )
        return json.loads(self.run(code))

    def command(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Start `regulars …` as a shop owner would."""
        return self._process(["-m", "regulars", *command], variables)

    def python(self, code: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a Python of its own that runs `code`; Django is not set up in it."""
        return self._process(["-c", code, *arguments], variables)

    def _process(self, arguments: list[str], variables: dict[str, str]) -> subprocess.Popen[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REGULARS_")}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=kept
            | {
                "REGULARS_DATA": str(self.folder),
                "REGULARS_DATABASE_URL": self.url,
                "REGULARS_SECRET_KEY": "a key of thirty-two letters that only tests use",
                "REGULARS_FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            }
            | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.commands.append(process)
        return process

    def end(self) -> None:
        """Kill whatever still runs."""
        for child in self.children:
            if child.process.exitcode is None:
                child.process.kill()
                child.process.join()
        for command in self.commands:
            if command.poll() is None:
                command.kill()
            try:
                command.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                raise AssertionError("a process was left behind and holds the output") from None


@contextmanager
def stage(engine: str) -> Iterator[Stage]:
    """A fresh installation on `engine` (“sqlite” or “postgresql”)."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-stage-"))
    made = Stage(engine, folder, _fresh_database(engine, folder))
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Snapshot:
    """What an installation held when no process of it ran: its files, and on PostgreSQL its rows.

    `restore` puts all of it back; only the sequences of row numbers go on.
    """

    installation: Stage
    files: dict[Path, bytes]
    rows: dict[str, bytes]

    def restore(self) -> None:
        """Have the installation as it was."""
        folder = self.installation.folder
        shutil.rmtree(folder)
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        if self.installation.engine == "postgresql":
            _write_rows(self.installation.url, self.rows)


def snapshot(installation: Stage) -> Snapshot:
    """Keep what the installation holds; it is a small one."""
    folder = installation.folder
    files = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    rows = _read_rows(installation.url) if installation.engine == "postgresql" else {}
    return Snapshot(installation, files, rows)


_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def _read_rows(url: str) -> dict[str, bytes]:
    import psycopg

    found = {}
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                found[table] = b"".join(bytes(part) for part in copy)
    return found


def _write_rows(url: str, rows: dict[str, bytes]) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, any order
        for table, content in rows.items():
            connection.execute(f"DELETE FROM {table}")
            if content:
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(content)


_MIGRATE = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)"
_templates: dict[str, str] = {}


def _migrated(engine: str, url: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="regulars-template-"))
    Stage(engine, folder, url).run(_MIGRATE)
    shutil.rmtree(folder)


def _fresh_database(engine: str, folder: Path) -> str:
    if engine == "postgresql":
        return _fresh_postgresql(folder)
    if engine not in _templates:
        kept = Path(tempfile.mkdtemp(prefix="regulars-template-"))
        _migrated(engine, f"sqlite:///{kept}/db.sqlite3")
        _templates[engine] = str(kept / "db.sqlite3")
    shutil.copy(_templates[engine], folder / "db.sqlite3")
    return f"sqlite:///{folder}/db.sqlite3"


def _fresh_postgresql(folder: Path) -> str:
    import psycopg

    from tests.postgresql import server_url

    server = server_url()
    template = f"template_{os.getpid()}"
    name = f"stage_{os.getpid()}_{len(_made)}"
    _made.append(name)
    with psycopg.connect(server, autocommit=True) as connection:
        if "postgresql" not in _templates:
            connection.execute(f'DROP DATABASE IF EXISTS "{template}"')
            connection.execute(f'CREATE DATABASE "{template}"')
            _migrated("postgresql", _with_database(server, template))
            _templates["postgresql"] = template
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _with_database(server, name)


_made: list[str] = []


def _with_database(server: str, name: str) -> str:
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))
