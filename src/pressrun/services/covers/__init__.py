"""Covers: name -> module with `ready` and `picture`. The order is that of preference when the setting is "auto"."""

from __future__ import annotations

from pressrun.services.covers import drawn as drawn
from pressrun.services.covers import none as none
from pressrun.services.covers import openlibrary as openlibrary
from pressrun.services.protocols import Cover

COVERS: dict[str, Cover] = {"openlibrary": openlibrary, "drawn": drawn, "none": none}
