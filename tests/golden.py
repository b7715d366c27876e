"""Figures that our formulas must give, computed by other means; golden.json names them."""

import json
from pathlib import Path
from typing import Any

_TABLES: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def golden(name: str) -> list[dict[str, Any]]:
    """The rows of one table, by column."""
    table = _TABLES[name]
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
