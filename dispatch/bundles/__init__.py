"""Bundles to look up, to print labels for, and to follow. They are made and moved by "stock"."""
