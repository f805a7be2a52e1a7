"""Full-text search in Chinese: the copy that is indexed, and the index."""
