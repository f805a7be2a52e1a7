"""The machinery of the handbook: one module a concern; only ``plugin`` knows MkDocs."""
