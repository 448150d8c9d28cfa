"""Where material comes from. The order is that of preference when the setting `source` is "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Source
from pressrun.services.registry import Registry

SOURCES: Registry[Source] = Registry(__name__, "folder", "youtube")
