"""What upstream trackers say that our facts do not: told to a maintainer, not taken."""
