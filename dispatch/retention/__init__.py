"""Deletes single records when their time is over; sums and the ledger stay."""
