"""Where the operator's base map comes from, and whether it may be drawn under the cities' zones.

A base map for show carries its approval number, and one in another datum than the zones would lie half a kilometre off:
a base map without the number or in another datum stops the start rather than being shown wrong.
"""

import asyncio
import re
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from dispatch.base_map import rules
from dispatch.database import connect, queries_for, rows
from dispatch.settings import Settings, SettingsError
from schemas.base_map import BaseMap

SQL = queries_for(__file__)
# What browsers draw by themselves, by the number in the file's head (PMTiles 3).
_PICTURES: Final = {2: "png", 3: "jpeg", 4: "webp", 5: "avif"}


class MapSource(NamedTuple):
    """A base map that may be drawn, and where it comes from."""

    shown: BaseMap
    """What pages are given of it."""
    file: Path | None
    origin: str
    """The other server its pictures come from; empty: this one."""


class CityDatum(msgspec.Struct, frozen=True):
    """A city and the datum its zones are kept in."""

    name: str
    datum: str


def source_of(settings: Settings) -> MapSource | None:
    """The base map of the settings, or None. Raises SettingsError for one that may not be shown."""
    wanted = settings.base_map
    if not wanted:
        return None
    if not settings.base_map_datum:
        raise SettingsError(
            "DISPATCH_BASE_MAP_DATUM: must be set when DISPATCH_BASE_MAP is: gcj02, wgs84, cgcs2000 or bd09"
        )
    if not settings.base_map_approval_no:
        raise SettingsError(
            "DISPATCH_BASE_MAP_APPROVAL_NO: must be set when DISPATCH_BASE_MAP is: the map approval number"
            " (审图号), which is shown on the map"
        )
    if wanted.endswith(".pmtiles") and "{" not in wanted:
        low, high = _zooms_of(Path(wanted))
        return MapSource(_shown(settings, "pmtiles", rules.ADDRESS, low, high), Path(wanted), "")
    origin = _origin_of(wanted)
    return MapSource(_shown(settings, "raster", wanted, 0, settings.base_map_max_zoom), None, origin)


def _shown(settings: Settings, kind: Any, address: str, low: int, high: int) -> BaseMap:
    datum: Any = settings.base_map_datum
    number = settings.base_map_approval_no
    return BaseMap(kind=kind, address=address, datum=datum, approval_no=number, min_zoom=low, max_zoom=high)


def _origin_of(template: str) -> str:
    """The server of a template; empty for this one. Raises SettingsError for what is no template."""
    parts = urlsplit(template)
    holes = sorted(re.findall(r"\{[^{}]*\}", template))
    host = parts.scheme in ("http", "https") and re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", parts.netloc)
    here = not parts.scheme and not parts.netloc and template.startswith("/")
    if holes != ["{x}", "{y}", "{z}"] or not (host or here) or re.search(r"[\s\"'<>\\;]", template):
        raise SettingsError(
            "DISPATCH_BASE_MAP: must be the path of a .pmtiles file, or a template of pictures as"
            " https://host/{z}/{x}/{y}.png (/…/{z}/{x}/{y}.png for this server)"
        )
    return f"{parts.scheme}://{parts.netloc}" if host else ""


def _zooms_of(file: Path) -> tuple[int, int]:
    """The first and last zoom of a PMTiles file. Raises SettingsError for any other file."""
    try:
        with file.open("rb") as opened:
            head = opened.read(127)
    except OSError as error:
        raise SettingsError(f"DISPATCH_BASE_MAP: cannot be read: {error}") from error
    if len(head) < 127 or head[:8] != b"PMTiles\x03":
        raise SettingsError(f"DISPATCH_BASE_MAP: {file.name} is no PMTiles file of version 3")
    kind, low, high = struct.unpack_from("<BBB", head, 99)
    if kind not in _PICTURES:
        raise SettingsError(
            f"DISPATCH_BASE_MAP: {file.name} holds no pictures (png, jpeg, webp or avif); vector tiles would need a"
            " style of their own"
        )
    return low, high


async def check_datum(url: str, source: MapSource) -> None:
    """Raise SettingsError when a city of the database keeps its zones in another datum than the base map's."""
    connection = await connect(url)
    try:
        cities = rows(CityDatum, await connection.fetch(*SQL.read_city_data()))
    finally:
        await connection.close()
    for city in cities:
        if not rules.lies_on(source.shown, city.datum):
            raise SettingsError(
                f"DISPATCH_BASE_MAP_DATUM: the base map is in {source.shown.datum}, but {city.name} keeps its"
                f" zones in {city.datum}; laid over each other they would be hundreds of metres apart. Bring one"
                f" in {city.datum}"
            )


def check_base_map(settings: Settings) -> None:
    """Before the server starts: raise SettingsError for a base map that may not be shown over its cities' zones."""
    source = source_of(settings)
    if source is not None:
        asyncio.run(check_datum(settings.database_url, source))


def base_map_for(source: MapSource | None, role: str, datum: str) -> BaseMap | None:
    """What the pages of a role draw under a city's zones. A city made later in another datum has no base map."""
    return None if source is None else rules.judge_shown(source.shown, role, datum)
