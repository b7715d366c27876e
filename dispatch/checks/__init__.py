"""Spot checks: where to ask households drawn at random, and what they answered."""
