"""Heuristics, exact enumeration and bounds in plain NumPy; no solver is loaded."""
