"""What people and models are shown: messages, tables, pictures of plans."""
