"""The CP-SAT model of a problem: the only users of OR-Tools."""
