"""Publishers: name -> module with `ready`, `find` and `publish`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Publisher
from pressrun.services.registry import Registry

PUBLISHERS: Registry[Publisher] = Registry(__name__, "bucket", "youtube", "folder")

if TYPE_CHECKING:  # that each is what a publisher must be
    from pressrun.services.publishers import bucket, folder, youtube

    _MODULES: tuple[Publisher, ...] = (bucket, youtube, folder)
