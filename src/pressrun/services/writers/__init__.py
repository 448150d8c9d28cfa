"""Writers: name -> module. If the setting `writer` is "auto", the first one that is ready is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Writer
from pressrun.services.registry import Registry

WRITERS: Registry[Writer] = Registry(__name__, "llm", "extractive")

if TYPE_CHECKING:  # that each is what a writer must be
    from pressrun.services.writers import extractive, llm

    _MODULES: tuple[Writer, ...] = (llm, extractive)
