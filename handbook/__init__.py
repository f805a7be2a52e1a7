"""The machinery, in rooms from top to bottom; only ``plugin`` knows MkDocs."""
