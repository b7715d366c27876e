"""Sharing copies among zones and partners as a problem of optimisation: numbers in, numbers out."""
