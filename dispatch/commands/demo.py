"""`dispatch import`: files into a city, by the same code as the pages use."""

from typing import Any


def add_to(subparsers: Any) -> None:
    """Add `import`."""
