"""Processes and threads that work beside the caller's own."""
