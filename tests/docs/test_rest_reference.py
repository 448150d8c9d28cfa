"""docs/reference/rest.md describes exactly the API."""

from __future__ import annotations

import re
from pathlib import Path

from pressrun.api.app import build
from pressrun.api.problems import HTTP_PROBLEMS, PROBLEM_TYPES
from pressrun.api.settings import ORIGINS_VARIABLE, REQUESTS_VARIABLE, ApiSettings
from pressrun.redaction import SECRETS, SecretText

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "rest.md").read_text(encoding="utf-8")
SETTINGS = ApiSettings(Path())
BASE = "/api/bulk-jobs"


def test_every_route_and_parameter_is_documented() -> None:
    paths = build("", SETTINGS, SecretText("k" * 32)).openapi()["paths"]
    for path, operations in paths.items():
        for method, told in operations.items():
            short = path.removeprefix(BASE) or "/"
            assert f"`{method.upper()} {short}`" in TEXT or f"`{short}`" in TEXT or f"`/{short.split('/')[-1]}`" in TEXT
            for parameter in told.get("parameters", ()):
                assert f"`{parameter['name']}`" in TEXT or parameter["in"] == "path"


def test_every_problem_is_documented_with_its_status() -> None:
    rows = dict(re.findall(r"^\| (\d{3}) \| (.*?) \|", TEXT, re.MULTILINE))
    told = {name: int(status) for status, names in rows.items() for name in re.findall(r"`([a-z-]+)`", names)}
    ours = {kind.name: kind.status for kind in PROBLEM_TYPES.values()}
    ours |= {name: status for status, (name, *_) in HTTP_PROBLEMS.items()}
    assert told == ours | {"unexpected": 500}


def test_limits_and_variables_are_documented() -> None:
    for figure in (
        f"{SETTINGS.max_body_bytes:,} bytes", f"{SETTINGS.body_seconds:g} s",
        f"{SETTINGS.requests_per_minute} requests",
        f"{SETTINGS.streams} open streams", f"every {SETTINGS.heartbeat:g} s",
    ):
        assert figure in TEXT
    for variable in (ORIGINS_VARIABLE, REQUESTS_VARIABLE, *SECRETS["api"].variables):
        assert f"`{variable}`" in TEXT
