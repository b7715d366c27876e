"""The small standard world most tests start from."""

from uuid import UUID

from msgspec import Struct


class World(Struct):
    """A city with four square zones, two firms with two outlets and two riders each, one open campaign, one leaflet."""

    city_id: int
    zones: list[UUID]
    cells: list[list[int]]
    partners: list[UUID]
    outlets: list[UUID]
    riders: list[UUID]
    depot: UUID
    campaign: UUID
    material: UUID
