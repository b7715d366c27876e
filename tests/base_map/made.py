"""Base maps as an operator would bring them: a PMTiles file of one picture, and the settings that name it."""

import gzip
import struct
import zlib
from pathlib import Path

import msgspec

from dispatch.settings import Settings
from tests.conftest import SETTINGS

NUMBER = "GS(2024)0650号"
TEMPLATE = "https://tiles.example.cn/wmts?z={z}&x={x}&y={y}"


def picture(red: int, green: int, blue: int, side: int = 256) -> bytes:
    """A square of one colour with a darker frame, as PNG."""
    rows: list[bytes] = []
    for y in range(side):
        frame = y in (0, side - 1)
        edge, inside = bytes((90, 90, 90)), bytes((red, green, blue))
        rows.append(b"\0" + (edge * side if frame else edge + inside * (side - 2) + edge))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def pmtiles(path: Path, content: bytes, kind: int = 2, zooms: tuple[int, int] = (0, 14)) -> Path:
    """A PMTiles file (version 3) with one picture everywhere, from the whole world down to the last zoom."""
    tiles = (4 ** (zooms[1] + 1) - 1) // 3
    # One entry, run over all tiles: count, then deltas of ids, run lengths, lengths, offsets + 1.
    directory = gzip.compress(varint(1) + varint(0) + varint(tiles) + varint(len(content)) + varint(1))
    metadata = gzip.compress(b"{}")
    root, rest = 127, 127 + len(directory)
    head = b"PMTiles\x03" + struct.pack(
        "<11Q", root, len(directory), rest, len(metadata), rest + len(metadata), 0, rest + len(metadata), len(content),
        tiles, 1, 1,
    )  # fmt: skip
    head += struct.pack("<6B", 1, 2, 1, kind, zooms[0], zooms[1])[:3] + struct.pack("<3B", kind, *zooms)
    head += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 10, 1170000000, 400000000)
    path.write_bytes(head.ljust(127, b"\0") + directory + metadata + content)
    return path


def with_base_map(base_map: str, datum: str = "gcj02", number: str = NUMBER) -> Settings:
    return msgspec.structs.replace(
        SETTINGS, base_map=base_map, base_map_datum=datum, base_map_approval_no=number, base_map_max_zoom=17
    )
