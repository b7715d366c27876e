"""QR symbols of what the product itself makes up: codes of waybills, cartons and bundles, links of slips.

Nothing for residents ever carries one; see the rules of the field.
"""

import segno

from schemas.common import Symbol


def symbol_of(content: str) -> Symbol:
    """The symbol of one of our own texts, with fifteen in a hundred of it legible through dirt and creases."""
    matrix = segno.make(content, error="m", micro=False, boost_error=False).matrix
    # One run of dark modules is one stroke: a label's path stays under a kilobyte.
    strokes: list[str] = []
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            length = 0
            while column + length < len(modules) and modules[column + length]:
                length += 1
            if length:
                strokes.append(f"M{column} {row}h{length}v1h-{length}z")
            column += length or 1
    return Symbol(size=len(matrix), path="".join(strokes))
