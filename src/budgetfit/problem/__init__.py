"""The planning problem in frozen integers: no solver, no video, no tokenizer."""
