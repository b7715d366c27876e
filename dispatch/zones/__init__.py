"""The ground of a city: zones, their map cells, households, priority groups and incident counts."""
