"""The mathematics of reach: curve, evidence, posterior, spot checks, risk weights. Coverage shows it, allocation plans
with it. Every formula with its source: README.md.
"""
