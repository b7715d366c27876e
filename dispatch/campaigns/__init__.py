"""Campaigns: dates and waves, who takes part, what they can hand out."""
