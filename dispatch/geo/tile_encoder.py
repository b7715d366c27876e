"""Protocol-buffer bytes of Mapbox Vector Tiles 2.1, written for whole columns at once.

Apart from tiles.py because it knows bytes and nothing of places. A feature is a row of variable-length integers; rows
are laid out in a byte matrix wide enough for the longest, with a mask of the bytes that exist, and one masked copy
writes the layer. That costs a few milliseconds for tens of thousands of features, where a loop costs a second.
Format: https://github.com/mapbox/vector-tile-spec/tree/master/2.1 (field numbers below are from its vector_tile.proto).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

Attribute = NDArray[np.int64] | NDArray[np.float64] | Sequence[str]
Attributes = Mapping[str, Attribute]

MOVE_TO_ONCE: Final = 1 << 3 | 1
LINE_TO: Final = 2
CLOSE_PATH: Final = 1 << 3 | 7

# Field keys: number << 3 | wire type.
TILE_LAYER: Final = b"\x1a"
LAYER_NAME, LAYER_FEATURE, LAYER_KEY, LAYER_VALUE = b"\x0a", b"\x12", b"\x1a", b"\x22"
LAYER_EXTENT, LAYER_VERSION_TWO = b"\x28", b"\x78\x02"
FEATURE_ID, FEATURE_TAGS, FEATURE_POLYGON, FEATURE_GEOMETRY = b"\x08", b"\x12", b"\x18\x03", b"\x22"
VALUE_STRING, VALUE_DOUBLE = b"\x0a", b"\x19"
VALUE_UNSIGNED, VALUE_SIGNED = 0x28, 0x30

# Below this spread distinct values are found by marking a table instead of sorting.
WIDEST_TABLE: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Bytes (n, w) of which only those `kept` (n, w) are written; one row stands for the same in every feature."""

    content: NDArray[np.uint8]
    kept: NDArray[np.bool_]


# Blocks that stand side by side; they are copied only once, when the layer is written.
Row = list[Block]


@dataclass(frozen=True, slots=True, eq=False)
class TagTable:
    """A layer's attributes: key names, encoded distinct values, and each feature's tags pointing into both."""

    keys: list[str]
    values: bytes
    tags: Row


def zigzag(values: NDArray[Any]) -> NDArray[Any]:
    """Signed integers as unsigned ones, small magnitudes staying small."""
    return (values << 1) ^ (values >> (values.dtype.itemsize * 8 - 1))


def constant(content: bytes) -> Block:
    """The same bytes in every row."""
    return Block(np.frombuffer(content, dtype=np.uint8)[np.newaxis], np.ones((1, len(content)), dtype=np.bool_))


def varints(values: NDArray[Any], present: NDArray[np.bool_] | None = None) -> Block:
    """Base-128 integers, low bits first, of a non-negative integer array (n, k); absent ones take no byte."""
    width = max(1, (int(values.max(initial=0)).bit_length() + 6) // 7)
    rows = values.shape[0]
    exists = np.ones(values.shape, dtype=np.bool_) if present is None else present
    if width == 1:
        return Block(values.astype(np.uint8), exists)
    content = np.empty((*values.shape, width), dtype=np.uint8)
    kept = np.empty(content.shape, dtype=np.bool_)
    rest, needed = values, exists
    for byte in range(width):
        content[..., byte] = rest & 0x7F
        kept[..., byte] = needed
        rest = rest >> 7
        needed = exists & (rest > 0)
        content[..., byte] |= (rest > 0).view(np.uint8) << 7
    return Block(content.reshape(rows, -1), kept.reshape(rows, -1))


def sizes(row: Row) -> NDArray[np.int64]:
    """Bytes written for each feature (n,)."""
    total = np.zeros(1, dtype=np.int64)
    for block in row:
        # Most blocks are complete, which is far quicker to see than to count row by row.
        complete = bool(block.kept.all())
        total = total + (block.kept.shape[1] if complete else np.count_nonzero(block.kept, axis=1))
    return total


def nested(key: bytes, row: Row) -> Row:
    """A length-delimited field holding the row."""
    return [constant(key), varints(sizes(row)[:, np.newaxis]), *row]


def written(row: Row) -> bytes:
    """All features one after the other."""
    count = max(block.content.shape[0] for block in row)
    width = sum(block.content.shape[1] for block in row)
    content = np.empty((count, width), dtype=np.uint8)
    kept = np.empty((count, width), dtype=np.bool_)
    start = 0
    for block in row:
        end = start + block.content.shape[1]
        content[:, start:end] = block.content
        kept[:, start:end] = block.kept
        start = end
    return content[kept].tobytes()


def message(key: bytes, content: bytes) -> bytes:
    """One length-delimited field."""
    return key + varint(len(content)) + content


def varint(value: int) -> bytes:
    """One base-128 integer."""
    return written([varints(np.array([[value]], dtype=np.int64))])


def features(identifiers: NDArray[np.int64], tags: Row, geometry: Row) -> bytes:
    """Polygon features, one for each of the identifiers (n,)."""
    identifier = [constant(FEATURE_ID), varints(identifiers[:, np.newaxis])]
    attributes = nested(FEATURE_TAGS, tags) if tags else []
    path = nested(FEATURE_GEOMETRY, geometry)
    return written(nested(LAYER_FEATURE, [*identifier, *attributes, constant(FEATURE_POLYGON), *path]))


def layer(name: str, table: TagTable, encoded_features: bytes, extent: int) -> bytes:
    """A tile holding this one layer."""
    content = [message(LAYER_NAME, name.encode()), encoded_features]
    content += [message(LAYER_KEY, key.encode()) for key in table.keys]
    content += [table.values, LAYER_EXTENT, varint(extent), LAYER_VERSION_TWO]
    return message(TILE_LAYER, b"".join(content))


def attribute_table(attributes: Attributes, count: int) -> TagTable:
    """Distinct values of `count` features, and the tags pointing at them; NaN is left out of its feature."""
    values: list[bytes] = []
    tags: Row = []
    offset = 0
    for index, attribute in enumerate(attributes.values()):
        encoded, distinct, pointers, present = _distinct(attribute)
        columns = np.empty((count, 2), dtype=np.int64)
        columns[:, 0] = index
        columns[:, 1] = pointers + offset
        tags.append(varints(columns, np.column_stack((present, present))))
        values.append(encoded)
        offset += distinct
    return TagTable(list(attributes), b"".join(values), tags)


def chosen(attributes: Attributes, rows: NDArray[np.int64]) -> dict[str, Attribute]:
    """The attributes of some rows only."""
    some: dict[str, Attribute] = {}
    for key, attribute in attributes.items():
        if isinstance(attribute, np.ndarray):
            some[key] = cast("NDArray[np.float64]", attribute[rows])
        else:
            texts = cast("list[str]", [attribute[row] for row in rows.tolist()])
            some[key] = texts
    return some


def hexadecimal(cells: NDArray[np.int64]) -> list[str]:
    """Cells as the fifteen-digit text that JavaScript can hold without losing bits."""
    return [f"{cell:x}" for cell in cells.tolist()]


def _distinct(attribute: Attribute) -> tuple[bytes, int, NDArray[np.int64], NDArray[np.bool_]]:
    """Encoded distinct values, their number, each feature's index among them, and whether the feature has one."""
    present = np.ones(len(attribute), dtype=np.bool_)
    if not isinstance(attribute, np.ndarray):
        order = {text: index for index, text in enumerate(dict.fromkeys(attribute))}
        encoded = b"".join(message(LAYER_VALUE, message(VALUE_STRING, text.encode())) for text in order)
        return encoded, len(order), np.array([order[text] for text in attribute], dtype=np.int64), present
    numbers = cast("NDArray[Any]", attribute)
    if np.issubdtype(numbers.dtype, np.floating):
        present = ~np.isnan(numbers)
        numbers = np.where(present, numbers, numbers[present][0] if present.any() else 0.0)
        if not bool((numbers == np.rint(numbers)).all()):
            doubles, pointers = np.unique(numbers, return_inverse=True)
            return _double_values(doubles), len(doubles), pointers, present
    integers, pointers = _distinct_integers(numbers.astype(np.int64))
    return _integer_values(integers), len(integers), pointers, present


def _distinct_integers(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low, high = int(values.min()), int(values.max())
    if high - low >= WIDEST_TABLE:
        return np.unique(values, return_inverse=True)
    marked = np.zeros(high - low + 1, dtype=np.bool_)
    marked[values - low] = True
    ranks = np.cumsum(marked) - 1
    return np.flatnonzero(marked) + low, ranks[values - low]


def _integer_values(values: NDArray[np.int64]) -> bytes:
    signed = values < 0
    kinds = np.where(signed, VALUE_SIGNED, VALUE_UNSIGNED)[:, np.newaxis]
    numbers = np.where(signed, zigzag(values), values)[:, np.newaxis]
    return written(nested(LAYER_VALUE, [varints(kinds), varints(numbers)]))


def _double_values(values: NDArray[np.float64]) -> bytes:
    content = np.ascontiguousarray(values, dtype="<f8").view(np.uint8).reshape(-1, 8)
    eight = Block(content, np.ones(content.shape, dtype=np.bool_))
    return written(nested(LAYER_VALUE, [constant(VALUE_DOUBLE), eight]))
