"""Static files: ours, and those built from what comes inside other packages' wheels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What other packages bring and no page uses: the API's explorer, other versions of htmx.
UNUSED: Final = ("ninja", "htmx-4*", "htmax*", "htmx-2.js", "ext")


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """File names carry a hash of the content, so browsers may keep them for ever.

    A name that is not in the manifest is served as it is, so that a page still works before the
    files were collected (in tests, or while developing).
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name, or the plain one while nothing was collected."""
        if not self.hashed_files:
            return name
        return super().stored_name(name)  # type: ignore[no-any-return]  # whitenoise is untyped

    def create_compressor(self, **options: Any) -> Compressor:
        """gzip only: Brotli saves a sixth and takes half a minute of a small machine's start."""
        return Compressor(use_brotli=False, **options)


class AppFilesFinder(AppDirectoriesFinder):
    """The `static` folders of the installed packages, without what no page uses."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Every file that some page may use."""
        return iter(super().list([*(ignore_patterns or ()), *UNUSED]))


class PackageFilesFinder(BaseFinder):
    """Finds what `core.assets` built from other packages (fonts, the chart library)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.folder = Path(settings.DATA) / "assets"
        self.storage = FileSystemStorage(location=self.folder)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's place, or an empty list."""
        file = (self.folder / path).resolve()
        if file.is_file() and file.is_relative_to(self.folder.resolve()):
            return [str(file)] if find_all else str(file)
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Every built file."""
        for file in sorted(self.folder.rglob("*")):
            if file.is_file():
                yield str(file.relative_to(self.folder)), self.storage
