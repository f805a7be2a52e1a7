"""Custom elements: the data and the static table of each, and their scripts."""
