"""Search and topic matching: analyser, query and matcher are pure, the index is on disk."""
