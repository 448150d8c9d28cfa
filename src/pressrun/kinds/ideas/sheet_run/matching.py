"""Find the rows of a sheet again after they were sorted, moved or edited: by their ID and content, never by number."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from pressrun.kinds.ideas.sheets.table import ResultCells

DIGEST_LENGTH = 16
"""Characters of the digest in an ID cell."""


@dataclass(frozen=True)
class Match:
    """The identity of a row."""

    id: str
    digest: str
    """Digest of the content now."""
    known_digest: str = ""
    """Digest of the content that the last video of this row was made from; empty for a new row."""

    @property
    def is_edited(self) -> bool:
        return self.known_digest not in ("", self.digest)


def make_id_cell(row_id: str, digest: str) -> str:
    """Return the content of the ID cell. Its digest proves which content the cell belongs to."""
    return f"{row_id}.{digest[:DIGEST_LENGTH]}"


def parse_id_cell(cell: object) -> tuple[str, str]:
    """Return the ID and the beginning of the digest, or empty strings for a cell that has none."""
    row_id, dot, digest = str(cell).strip().partition(".")
    whole = dot and row_id.isalnum() and len(digest) == DIGEST_LENGTH
    return (row_id, digest) if whole else ("", "")


def match_rows(
    digests: Mapping[int, str], cells: Mapping[int, ResultCells], known: Mapping[str, str]
) -> dict[int, Match]:
    """Return the identity of each row by its number. `known` are the IDs with the digest of their content.

    A row whose ID and content belong together is certain. Then content counts more than the ID: someone may have sorted
    the text columns without the hidden one, or a result was written while rows moved. Only a row whose content is
    unknown is an edited one, if it has a known ID.
    """
    ids = {number: parse_id_cell(cells[number].id if number in cells else "") for number in digests}
    known = dict(known)
    for number, (row_id, beginning) in ids.items():
        # Another workspace wrote this ID.
        if row_id and row_id not in known:
            known[row_id] = digests[number] if digests[number].startswith(beginning) else beginning
    matches: dict[int, Match] = {}
    free = dict(known)

    def claim(number: int, row_id: str) -> None:
        matches[number] = Match(row_id, digests[number], free.pop(row_id))

    for number, (row_id, _) in ids.items():
        if free.get(row_id) == digests[number]:
            claim(number, row_id)
    by_digest = {digest: row_id for row_id, digest in free.items()}
    for number, digest in digests.items():
        if number not in matches and by_digest.get(digest) in free:
            claim(number, by_digest[digest])
    # A row whose cell names an ID that is now certain elsewhere is a copy of that row, and new.
    for number, (row_id, _) in ids.items():
        if number not in matches and row_id in free:
            claim(number, row_id)
    for number, digest in digests.items():
        if number not in matches:
            matches[number] = Match(uuid.uuid4().hex[:12], digest)
    return matches
