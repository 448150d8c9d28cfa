"""Where material comes from. The order is that of preference when the setting `source` is "auto"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Source
from pressrun.services.registry import Registry

SOURCES: Registry[Source] = Registry(__name__, "folder", "youtube")

if TYPE_CHECKING:  # that each is what a source must be
    from pressrun.services.sources import folder, youtube

    _MODULES: tuple[Source, ...] = (folder, youtube)
