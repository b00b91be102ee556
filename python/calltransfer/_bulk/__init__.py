"""Many transfers, in memory."""
