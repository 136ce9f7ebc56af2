"""Many videos through one engine: planned ahead, asked at once, kept in a journal."""
