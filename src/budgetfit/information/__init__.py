"""How much of a video a set of pictures shows: arrays in, arrays out."""
