"""Facts as data, checked row by row, and the views of them that pages show."""
