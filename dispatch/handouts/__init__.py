"""Handouts: judged one by one, recorded exactly once, many phones in one transaction."""
