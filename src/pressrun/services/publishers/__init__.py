"""Publishers: name -> module with `ready`, `find` and `publish`."""

from __future__ import annotations

from pressrun.services.protocols import Publisher
from pressrun.services.publishers import folder as folder

PUBLISHERS: dict[str, Publisher] = {"folder": folder}
