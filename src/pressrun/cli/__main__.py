"""`python -m pressrun.cli`: the command `pressrun`, for processes that start another one of it."""

from __future__ import annotations

import sys

from pressrun.cli.entry import pressrun

sys.exit(pressrun())
