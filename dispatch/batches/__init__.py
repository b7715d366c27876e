"""Claims on batches: one holder at a time, a lease that activity renews, and what was not collected free again."""
