"""The hazard log held against what shows its controls, and the papers made of it.

It stands behind `desk` in the order of imports, and before the doors: a control is shown by the work of the
rooms before it (proofs, checks, cases), the papers are filled from settings, tables and exports, and no page
needs a hazard. It decides nothing about a risk: people estimate, the matrix counts.
"""
