"""The operator's base map, as the pages draw it."""

from typing import Literal

from msgspec import Struct

from schemas.common import Datum


class BaseMap(Struct, frozen=True, kw_only=True):
    """What is drawn under the zones. Only an operator can bring one; without it there are zones and nothing else."""

    kind: Literal["raster", "pmtiles"]
    """`raster`: pictures by the template; `pmtiles`: one file of ours, read in parts."""
    address: str
    """The template with {z}, {x} and {y}, or where the file is."""
    datum: Datum
    approval_no: str
    """审图号; shown wherever the base map is."""
    min_zoom: int
    max_zoom: int
    """Beyond it the last pictures are enlarged."""
