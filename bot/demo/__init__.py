"""A sample of the world for demo and tests: the stand-in Bot API server and its people."""
