"""Writers: name -> module. If the setting `writer` is "auto", the first one that is ready is used."""

from __future__ import annotations

from pressrun.services.protocols import Writer
from pressrun.services.registry import Registry

WRITERS: Registry[Writer] = Registry(__name__, "llm", "extractive")
