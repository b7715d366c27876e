"""Symbols of our own texts, as one path of strokes that every browser and printer draws alike."""

import re

import pytest
import segno

from dispatch.qr import symbol_of

# The symbol of W1, a line for each row of modules.
PATH = (
    "M0 0h7v1h-7zM9 0h1v1h-1zM11 0h1v1h-1zM14 0h7v1h-7z"
    "M0 1h1v1h-1zM6 1h1v1h-1zM10 1h1v1h-1zM14 1h1v1h-1zM20 1h1v1h-1z"
    "M0 2h1v1h-1zM2 2h3v1h-3zM6 2h1v1h-1zM8 2h3v1h-3zM12 2h1v1h-1zM14 2h1v1h-1zM16 2h3v1h-3zM20 2h1v1h-1z"
    "M0 3h1v1h-1zM2 3h3v1h-3zM6 3h1v1h-1zM8 3h5v1h-5zM14 3h1v1h-1zM16 3h3v1h-3zM20 3h1v1h-1z"
    "M0 4h1v1h-1zM2 4h3v1h-3zM6 4h1v1h-1zM8 4h1v1h-1zM10 4h3v1h-3zM14 4h1v1h-1zM16 4h3v1h-3zM20 4h1v1h-1z"
    "M0 5h1v1h-1zM6 5h1v1h-1zM8 5h3v1h-3zM12 5h1v1h-1zM14 5h1v1h-1zM20 5h1v1h-1z"
    "M0 6h7v1h-7zM8 6h1v1h-1zM10 6h1v1h-1zM12 6h1v1h-1zM14 6h7v1h-7z"
    "M8 7h2v1h-2zM11 7h2v1h-2z"
    "M0 8h1v1h-1zM2 8h5v1h-5zM9 8h2v1h-2zM12 8h1v1h-1zM14 8h5v1h-5z"
    "M1 9h1v1h-1zM5 9h1v1h-1zM9 9h2v1h-2zM12 9h1v1h-1zM15 9h1v1h-1zM18 9h2v1h-2z"
    "M0 10h1v1h-1zM5 10h2v1h-2zM8 10h4v1h-4zM13 10h1v1h-1zM16 10h1v1h-1zM18 10h1v1h-1z"
    "M2 11h1v1h-1zM4 11h1v1h-1zM7 11h2v1h-2zM10 11h1v1h-1zM15 11h2v1h-2zM18 11h1v1h-1zM20 11h1v1h-1z"
    "M0 12h1v1h-1zM5 12h4v1h-4zM11 12h1v1h-1zM13 12h1v1h-1zM16 12h1v1h-1zM18 12h1v1h-1zM20 12h1v1h-1z"
    "M8 13h2v1h-2zM11 13h4v1h-4zM17 13h1v1h-1zM19 13h1v1h-1z"
    "M0 14h7v1h-7zM9 14h1v1h-1zM12 14h1v1h-1zM14 14h2v1h-2zM19 14h1v1h-1z"
    "M0 15h1v1h-1zM6 15h1v1h-1zM8 15h2v1h-2zM11 15h4v1h-4zM17 15h1v1h-1zM19 15h1v1h-1z"
    "M0 16h1v1h-1zM2 16h3v1h-3zM6 16h1v1h-1zM8 16h3v1h-3zM12 16h1v1h-1zM15 16h1v1h-1zM18 16h1v1h-1z"
    "M0 17h1v1h-1zM2 17h3v1h-3zM6 17h1v1h-1zM8 17h3v1h-3zM12 17h1v1h-1zM15 17h1v1h-1zM18 17h1v1h-1z"
    "M0 18h1v1h-1zM2 18h3v1h-3zM6 18h1v1h-1zM8 18h2v1h-2zM11 18h1v1h-1zM13 18h1v1h-1zM16 18h3v1h-3z"
    "M0 19h1v1h-1zM6 19h1v1h-1zM9 19h2v1h-2zM15 19h2v1h-2zM18 19h1v1h-1zM20 19h1v1h-1z"
    "M0 20h7v1h-7zM8 20h2v1h-2zM11 20h1v1h-1zM13 20h1v1h-1zM16 20h3v1h-3z"
)


def test_a_symbol_is_the_same_stroke_for_stroke() -> None:
    """Labels that were printed and labels printed today are alike."""
    assert (symbol_of("W1").size, symbol_of("W1").path) == (21, PATH)


@pytest.mark.parametrize(
    "text",
    ["W1", "B-000123", "https://dispatch.example/r#o=ZTO-1&p=482913", "云川市中转站", "otpauth://totp/" + "x" * 150],
    ids=["waybill", "bundle", "link", "Chinese", "long"],
)
def test_the_strokes_draw_every_dark_module_and_no_other(text: str) -> None:
    symbol = symbol_of(text)
    drawn = [[0] * symbol.size for _ in range(symbol.size)]
    for column, row, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", symbol.path):
        assert length == back, "a stroke is closed where it began"
        for position in range(int(column), int(column) + int(length)):
            assert drawn[int(row)][position] == 0, "no module is drawn twice"
            drawn[int(row)][position] = 1
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    assert drawn == [list(row) for row in matrix]
