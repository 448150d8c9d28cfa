"""Every figure that is quoted, each by one command: `python -m bench.NAME [--short] [--json FILE]`."""

import os

# Measured is the program as it is installed, whose modules are compiled once and for all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
