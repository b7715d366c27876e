"""Allocation: which zone gets how many copies, and which partner hands them out."""
