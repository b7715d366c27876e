"""The checklist of a new city: what is there, what is missing, and what is next, until its campaign runs."""
