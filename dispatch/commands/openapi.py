"""`dispatch openapi` prints the OpenAPI document, the contract the pages and partners' systems are built on, or what it
changed since another one."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

import schemas
from dispatch.app import create_app, real_clock
from dispatch.commands.changelog import entry, record
from dispatch.commands.subparsers import Subparsers
from dispatch.server.contract import contract_text
from dispatch.settings import Settings

CHANGELOG = Path(schemas.__file__).parent / "CHANGELOG.md"


def add_to(subparsers: Subparsers) -> None:
    """Add `openapi`."""
    parser = subparsers.add_parser("openapi", help="print the OpenAPI document")
    parser.add_argument("--changes", metavar="OLD.json", type=Path, help="print what changed since this contract")
    parser.add_argument("--new", metavar="NEW.json", type=Path, help="compare with this one, not this server's own")
    parser.add_argument(
        "--stated", action="store_true", help="what the old contract said nothing of was so before: it breaks nothing"
    )
    parser.add_argument("--note", default="", help="a paragraph for the entry: what no comparison can know")
    parser.add_argument("--record", action="store_true", help="write the entry into schemas/CHANGELOG.md")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the document, or the entry of its changes."""
    if options.changes is None:
        sys.stdout.write(document())
        return 0
    old, new = _read(options.changes), _read(options.new) if options.new else msgspec.json.decode(document())
    made = entry(old, new, real_clock().date(), stated=options.stated, note=options.note)
    if options.record:
        known = CHANGELOG.read_text(encoding="utf-8") if CHANGELOG.exists() else ""
        CHANGELOG.write_text(record(known, made), encoding="utf-8")
    else:
        sys.stdout.write(made)
    return 0


def _read(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(path.read_bytes())


def document() -> str:
    """The document as committed in schemas/openapi.json."""
    return contract_text(create_app(Settings()))
