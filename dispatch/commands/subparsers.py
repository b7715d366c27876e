"""What the command line gives each command to add itself to."""

from argparse import ArgumentParser
from typing import Protocol


class Subparsers(Protocol):
    """What argparse gives for subcommands; its own name for it is private."""

    # Named as argparse names it.
    def add_parser(self, name: str, *, help: str | None = None) -> ArgumentParser:  # noqa: A002
        """A parser for the arguments of one command."""
        ...
