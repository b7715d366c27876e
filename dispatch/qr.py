"""QR symbols of what the product itself makes up: codes of waybills, cartons and bundles, links of slips.

Nothing for residents ever carries one: printed matter must not look like the fraud it warns of.
"""

from collections.abc import Iterable
from typing import cast

import segno
from segno import utils

from schemas.common import Symbol


def symbol_of(content: str) -> Symbol:
    """The symbol of one of our own texts, with fifteen in a hundred of it legible through dirt and creases."""
    matrix = segno.make(content, error="m", micro=False, boost_error=False).matrix
    # One run of dark modules is one stroke: far shorter than a square for each.
    runs = cast("Iterable[tuple[tuple[int, int], tuple[int, int]]]", utils.matrix_to_lines(matrix, 0, 0))
    strokes = [f"M{start} {row}h{end - start}v1h-{end - start}z" for (start, row), (end, _) in runs]
    return Symbol(size=len(matrix), path="".join(strokes))
