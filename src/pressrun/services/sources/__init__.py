"""Where material comes from. The order is that of preference when the setting `source` is "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Source
from pressrun.services.sources import folder, youtube

SOURCES: dict[str, Source] = {"folder": folder, "youtube": youtube}
