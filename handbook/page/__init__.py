"""One page: what it says of itself, its formulas, listings, figures, links, sources."""
