"""Publishers: name -> module with `ready`, `find` and `publish`."""

from __future__ import annotations

from pressrun.services.protocols import Publisher
from pressrun.services.registry import Registry

PUBLISHERS: Registry[Publisher] = Registry(__name__, "bucket", "youtube", "folder")
