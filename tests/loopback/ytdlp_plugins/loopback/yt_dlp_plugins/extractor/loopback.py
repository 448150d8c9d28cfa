"""A search and a page of the loopback video site for yt-dlp, in the form of a plugin. The site's address stands in
the variable `LOOPBACK_VIDEO_SITE`."""

from __future__ import annotations

import os
import urllib.parse

from yt_dlp.extractor.common import InfoExtractor, SearchInfoExtractor
from yt_dlp.utils import ExtractorError


def site() -> str:
    return os.environ["LOOPBACK_VIDEO_SITE"]


class LoopbackSearchIE(SearchInfoExtractor):
    IE_NAME = "loopback:search"
    _SEARCH_KEY = "loopsearch"

    def _search_results(self, query):
        address = f"{site()}/search?{urllib.parse.urlencode({'q': query})}"
        for entry in self._download_json(address, query):
            yield self.url_result(entry.pop("url"), url_transparent=False, **entry)


class LoopbackWatchIE(InfoExtractor):
    """A page that says as much of a video as a large site does, and what is wrong with it in words."""

    IE_NAME = "loopback:watch"
    _VALID_URL = r"http://(?:127\.0\.0\.1|localhost):\d+/watch/(?P<id>[\w-]+)"

    def _real_extract(self, url):
        video_id = self._match_id(url)
        page = self._download_webpage(url, video_id)
        said = self._parse_json(self._search_regex(r"<script>data = (\{.*\})</script>", page, "player data"), video_id)
        if trouble := said.get("trouble"):
            if trouble == "geo":
                self.raise_geo_restricted(countries=["IS"])
            raise ExtractorError(trouble, expected=True)
        return {"id": video_id, **said}
