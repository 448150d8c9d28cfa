"""The pins: they work with any index, hold what the project asks for, and are checked by hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ["run.txt", "dev.txt", "all.txt"]


def text_of(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def pins_of(name: str) -> list[tuple[Requirement, str]]:
    """(requirement, its whole entry) of every pin."""
    entries = re.split(r"\n(?=\S)", text_of(name).replace("\\\n", " "))
    return [(Requirement(entry.split("--hash")[0].strip()), entry) for entry in entries if entry.strip()]


def wanted(name: str) -> list[Requirement]:
    listed = list(PROJECT["project"]["dependencies"])
    if name == "dev.txt":
        listed += PROJECT["dependency-groups"]["dev"]
    if name == "all.txt":
        extras = PROJECT["project"]["optional-dependencies"]
        listed += [each for extra, needed in extras.items() if extra != "all" for each in needed]
    return [Requirement(each) for each in listed]


@pytest.mark.parametrize("name", FILES)
def test_no_pin_names_an_address(name: str) -> None:
    assert not re.search(r"https?:|file:|git\+|--index-url|--extra-index-url|--find-links|(?m:^-)| @ ", text_of(name))


@pytest.mark.parametrize("name", FILES)
def test_every_pin_is_one_version_with_hashes(name: str) -> None:
    for pin, entry in pins_of(name):
        assert [each.operator for each in pin.specifier] == ["=="], pin
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), pin


@pytest.mark.parametrize("name", FILES)
def test_everything_the_project_asks_for_is_pinned_within_its_bounds(name: str) -> None:
    pins: dict[str, list[Requirement]] = {}
    for pin, _ in pins_of(name):
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    for requirement in wanted(name):
        found = pins.get(canonicalize_name(requirement.name))
        assert found, f"{requirement} is not pinned in requirements/{name}: run make pins"
        for pin in found:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{pin} is not {requirement}: run make pins"


def test_tests_run_with_the_versions_that_users_get() -> None:
    # Without the markers: a package that more of the tests' libraries ask for is there on more systems.
    run, dev, _ = ({(pin.name, str(pin.specifier)) for pin, _ in pins_of(name)} for name in FILES)
    assert run <= dev


@pytest.mark.parametrize("section", [PROJECT["project"]["dependencies"], PROJECT["dependency-groups"]["dev"]])
def test_every_requirement_says_from_which_version_on(section: list[str]) -> None:
    assert all(Requirement(each).specifier for each in section)
