"""Who did what to whom: the trail, its seals, and the proof that nobody touched it."""
