"""Precise positions: off unless a planner turned them on for a campaign and the rider agreed; erased by themselves."""
