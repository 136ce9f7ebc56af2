"""The prompt as a decision: which of its parts to send, worth how much, at which exact cost."""
