"""Every figure the README quotes: `python -m bench.NAME [--short] [--json FILE]`."""
