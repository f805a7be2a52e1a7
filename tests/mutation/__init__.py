"""Broken programs, and how the tests of their page judge them (``make mutate``)."""
