"""The operator's base map: none by default; with its datum and its approval number, or not at all."""
