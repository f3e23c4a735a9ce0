"""Compiles the catalogues when a wheel is built, since .mo files are not in the repository."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files."""
        sys.path.insert(0, str(Path(self.root) / "tools"))
        try:
            import messages
        finally:
            sys.path.pop(0)
        messages.compile_all()
