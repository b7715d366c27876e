"""What stands beside the map: a zone's sheet, the days gone by, the firms' progress."""
