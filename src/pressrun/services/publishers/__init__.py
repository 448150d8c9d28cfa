"""Publishers: name -> module with `ready`, `find` and `publish`."""

from __future__ import annotations

from pressrun.services.protocols import Publisher
from pressrun.services.publishers import folder

PUBLISHERS: dict[str, Publisher] = {"folder": folder}
