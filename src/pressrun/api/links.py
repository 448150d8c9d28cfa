"""Signed links in responses: addresses of files that work without a token, in a browser or a player, until they expire.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pressrun.jobs.signing import LinkSigner

BASE = "/api/bulk-jobs"


@dataclass(frozen=True)
class Links:
    """Makes the links that responses contain."""

    signer: LinkSigner
    base: str
    """Address of the API as the caller sees it, without a slash at the end."""
    seconds: float
    """Time that links are valid."""

    def file(self, batch_id: str, row: int, name: str) -> str:
        """Return the link of a file of an item."""
        return self._sign(f"{BASE}/{batch_id}/items/{row}/files/{name}")

    def archive(self, batch_id: str) -> str:
        """Return the link of the ZIP archive of a batch."""
        return self._sign(f"{BASE}/{batch_id}/download")

    def table(self, batch_id: str) -> str:
        """Return the link of the results of a batch as CSV."""
        return self._sign(f"{BASE}/{batch_id}/results.csv")

    def _sign(self, path: str) -> str:
        return f"{self.base}{quote(path)}?{self.signer.sign('GET', path, self.seconds)}"
