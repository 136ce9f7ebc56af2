"""Sharing one number of tokens among many videos, proved within a gap."""
