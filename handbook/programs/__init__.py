"""The programs that pages show: their sections, their runs, their records."""
