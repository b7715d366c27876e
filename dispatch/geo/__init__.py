"""Pure geography: datums, map cells, polygons, distances and vector tiles; no clock, no database, no network."""
