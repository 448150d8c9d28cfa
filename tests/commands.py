"""What the installed commands need when a test starts them as a user would."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def user_environment() -> dict[str, str]:
    """Return the environment of this process with our commands on the path and without settings.

    The network is off, so that no plan depends on what the machine reaches, and the voice is the quickest.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSRUN_")}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "PRESSRUN_NETWORK": "off", "PRESSRUN_VOICE": "espeak"}
