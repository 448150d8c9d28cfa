"""Publishers: name -> module with `ready`, `find` and `publish`."""

from __future__ import annotations

from pressrun.services.protocols import Publisher
from pressrun.services.publishers import bucket as bucket
from pressrun.services.publishers import folder as folder
from pressrun.services.publishers import youtube as youtube

PUBLISHERS: dict[str, Publisher] = {"bucket": bucket, "youtube": youtube, "folder": folder}
