"""`dispatch openapi` prints the OpenAPI document, the contract the pages and partners' systems are built on."""

import argparse
import sys
from typing import Any

import msgspec

from dispatch.app import create_app
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
    """The document as committed in schemas/openapi.json: keys sorted, two spaces, newline at the end."""
    schema = create_app(Settings()).openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2).decode() + "\n"
