"""Exact token counts: images, text and whole requests, the only users of mistral-common.

``images`` and ``request`` import nothing heavy; ``tokenizer`` imports mistral-common.
"""
