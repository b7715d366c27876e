"""Copies and who holds them: an append-only ledger, balances kept with it, waybills, counts, the balance law."""
