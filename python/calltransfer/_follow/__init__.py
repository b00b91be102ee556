"""A transfer after its request: whether a target answered, and the next target if not."""
