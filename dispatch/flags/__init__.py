"""Review flags: a question about a rider's week with its reason shown and an answer possible, never a verdict."""
