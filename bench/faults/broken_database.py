"""Promise 9: a broken `database.json` is refused with line and column, or accepted with nothing dropped.

Every form meets the real command. A file that is refused, and its backup, stay byte for byte as they were.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from bench.faults.trial import new_trial, partial_files, repeat, spread
from bench.report import Figure

BACKUP = b'{"books": []}\n'
_ENTRY = '{"main_title": "Walden", "author_name": null, "status": null, "note": "mine"}'
_WHOLE = f'{{"mine": [1, 2.5], "books": [{_ENTRY}]}}'
_DEEP = 3000
FORMS: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + _WHOLE.encode(),
    "UTF-16": _WHOLE.encode("utf-16"),
    "NaN": _WHOLE.replace("2.5", "NaN").encode(),
    "lone surrogate": _WHOLE.replace("mine\"}", "\\ud83d\"}").encode(),
    "trailing comma": _WHOLE.replace("}]}", "},]}").encode(),
    "empty": b"",
    "truncated": _WHOLE[:-20].encode(),
    "an array": b"[]",
    "books is null": b'{"books": null}',
    "numeric title": _WHOLE.replace('"Walden"', "1984").encode(),
    "duplicate keys": _WHOLE.replace('"author_name": null', '"note": "other"').encode(),
    "deep nesting": _WHOLE.replace("2.5", "[" * _DEEP + "]" * _DEEP).encode(),
    "unknown field": _WHOLE.encode(),
}
MAY_BE_ACCEPTED = ("byte order mark", "deep nesting", "unknown field")


@dataclass(frozen=True)
class Reaction:
    form: str
    accepted: bool
    right: bool
    """Refused with exit code 2, line and column, or accepted where that is possible, and the book made."""
    dropped: int
    """1 where something of an accepted file is missing afterwards."""
    touched: int
    """1 where a refused file, or its backup, is not as it was."""
    partial_files: int


def figures(forms: int) -> list[Figure]:
    names = spread(list(FORMS), forms)
    seen = repeat(len(names), lambda number, _: react(names[number]), seed=9)
    for each in seen:
        if not each.right or each.dropped or each.touched:
            print(each, file=sys.stderr)
    return [
        Figure("9 forms of a broken database", len(seen), "", required=len(names), at_most=False),
        Figure("9 neither rejected with a place nor accepted", sum(not each.right for each in seen), "", required=0),
        Figure("9 accepted with something dropped", sum(each.dropped for each in seen), "", required=0),
        Figure("9 refused files or backups that changed", sum(each.touched for each in seen), "", required=0),
        Figure("9 temporary files left", sum(each.partial_files for each in seen), "", required=0),
    ]


def react(form: str) -> Reaction:
    content = FORMS[form]
    with new_trial() as trial:
        database, backup = trial.folder / "database.json", trial.folder / "database.json.bak"
        database.write_bytes(content)
        backup.write_bytes(BACKUP)
        code, output = trial.finish("Emma", until="search")
        accepted = code == 0
        reported = re.search(r"database\.json, line \d+, column \d+: ", " ".join(output.split()))
        kept = (database.read_bytes(), backup.read_bytes()) == (content, BACKUP)
        dropped = accepted and not _contains(json.loads(database.read_bytes()), json.loads(content.decode("utf-8-sig")))
        return Reaction(
            form, accepted,
            form in MAY_BE_ACCEPTED if accepted else code == 2 and bool(reported),
            int(dropped), int(not accepted and not kept), len(partial_files(trial.folder)),
        )


def _contains(now: Any, before: Any) -> bool:
    """Whether everything of `before` still stands in `now`, in its order; books may have been added."""
    if isinstance(before, dict):
        if not isinstance(now, dict) or [key for key in now if key in before] != list(before):
            return False
        return all(_contains(now[key], value) for key, value in before.items())
    if isinstance(before, list):
        return isinstance(now, list) and len(now) >= len(before) and all(map(_contains, now, before))
    return bool(now == before)
