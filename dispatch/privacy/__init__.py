"""The notice to riders and their consent; what is kept on them, for themselves; taking their names out again."""
