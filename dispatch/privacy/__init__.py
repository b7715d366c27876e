"""What riders were told and agreed to; what is kept on them, for themselves; taking their names out again."""
