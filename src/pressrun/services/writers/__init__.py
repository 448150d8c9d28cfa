"""What writes scripts. The order is that of preference when the setting `writer` is "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Writer
from pressrun.services.writers import extractive, llm

WRITERS: dict[str, Writer] = {"llm": llm, "extractive": extractive}
