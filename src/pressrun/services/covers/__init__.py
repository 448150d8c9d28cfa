"""Cover services: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Cover
from pressrun.services.registry import Registry

COVERS: Registry[Cover] = Registry(__name__, "openlibrary", "drawn", "none")

if TYPE_CHECKING:  # that each is what a cover must be
    from pressrun.services.covers import drawn, none, openlibrary

    _MODULES: tuple[Cover, ...] = (openlibrary, drawn, none)
