"""Events of calls: what the platform sends, and who receives it."""
