"""Covers: name -> module with `ready` and `picture`. The order is that of preference when the setting is "auto"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Cover
from pressrun.services.registry import Registry

COVERS: Registry[Cover] = Registry(__name__, "openlibrary", "drawn", "none")

if TYPE_CHECKING:  # that each is what a cover must be
    from pressrun.services.covers import drawn, none, openlibrary

    _MODULES: tuple[Cover, ...] = (openlibrary, drawn, none)
