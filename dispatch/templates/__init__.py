"""Templates: an Excel workbook to fill in for every table that is imported."""
