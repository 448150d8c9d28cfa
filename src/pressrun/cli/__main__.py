"""Run `pressrun` as `python -m pressrun.cli`, for a process that starts another one."""

from __future__ import annotations

import sys

from pressrun.cli.entry import pressrun

sys.exit(pressrun())
