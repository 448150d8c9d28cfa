"""The terminal door: three commands, tables, a live view, and the same from Python. Rich and click live here alone."""
