"""`dispatch openapi` prints the OpenAPI document, the contract the pages and partners' systems are built on."""

import argparse
import sys
from typing import Any

from dispatch.app import create_app
from dispatch.server.contract import contract_text
from dispatch.settings import Settings


def add_to(subparsers: Any) -> None:
    """Add `openapi`."""
    parser: argparse.ArgumentParser = subparsers.add_parser("openapi", help="print the OpenAPI document")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print it."""
    sys.stdout.write(document())
    return 0


def document() -> str:
    """The document as committed in schemas/openapi.json."""
    return contract_text(create_app(Settings()))
