"""The wire contract: what is sent and answered. README.md has its words and rules, CHANGELOG.md its changes."""

from typing import Final

VERSION: Final = "2.0"
"""Of the contract. The first number rises with what breaks a program, the second with what does not."""
