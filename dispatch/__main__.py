"""The command line: dispatch demo | serve | migrate | import | user | audit | privacy | retention | replay | openapi |
schema"""

import argparse
import os
import sys
from collections.abc import Sequence

import asyncpg

from dispatch.commands import audit, demo, imports, openapi, privacy, replay, retention, schema, serve, users
from dispatch.commands.connection import NoSuchCity
from dispatch.database.migrate import MigrationError
from dispatch.settings import SettingsError

_COMMANDS = (demo, serve, imports, users, audit, privacy, retention, replay, openapi, schema)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="dispatch", description="Distribution and honest coverage of printed anti-fraud material for a city."
    )
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_to(subparsers)
    options = parser.parse_args(arguments)
    try:
        sys.exit(options.run(options))
    except NoSuchCity as error:
        sys.stderr.write(f"dispatch: {error}\n")
        sys.exit(2)
    except SettingsError as error:
        sys.exit(f"dispatch: {error}")
    except (OSError, asyncpg.PostgresError, MigrationError) as error:
        # Said in a line: an operator mends an address or starts a server, and needs no trace for it.
        sys.exit(f"dispatch: {type(error).__name__}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    # Output is read by programs and people in any locale.
    os.environ.setdefault("PYTHONUTF8", "1")
    main()
