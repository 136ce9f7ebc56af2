"""Videos in: what they are, candidate frames for analysis, chosen frames at full quality.

This is the only part of budgetfit that uses PyAV, and none of its objects leave it.
"""
