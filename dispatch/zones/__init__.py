"""A city and its base data: zones, their map cells, households, priority groups and incident counts."""
