"""docs/reference/licences.md lists every package that `make run` installs, and everything bundled."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")


def test_every_installed_package_has_its_licence() -> None:
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8"), re.MULTILINE)
    table = TEXT.split("## Packages that `make run` installs")[1].split("\n## ")[0]
    assert sorted(re.findall(r"`([\w.-]+)`", table.partition("|---|---|")[2])) == sorted(set(pins))
    assert not re.search(r"^\|\s*\??\s*\|", table, re.MULTILINE)


def test_every_extra_is_listed() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    first_cells = re.findall(r"^\| (`.*?) \|", TEXT.split("## Extras")[1], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells))) == set(extras) - {"all"}


def test_every_bundled_licence_is_linked() -> None:
    for path in (ROOT / "src").rglob("LICEN[CS]E*"):
        assert f"(../../{path.relative_to(ROOT)})" in TEXT, path
