"""The wire contract: one module per slice, frozen structs validated by their annotations, nothing from dispatch."""
