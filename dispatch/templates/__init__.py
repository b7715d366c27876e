"""Templates: an Excel workbook to fill in forevery table that is imported."""
