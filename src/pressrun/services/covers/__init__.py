"""Cover services: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from pressrun.services.protocols import Cover
from pressrun.services.registry import Registry

COVERS: Registry[Cover] = Registry(__name__, "openlibrary", "drawn", "none")
