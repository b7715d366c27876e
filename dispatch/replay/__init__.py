"""Recorded courier deliveries played through the product, as if every courier had been a rider of a campaign."""
