"""The wheels that users build from a checkout: what they contain, and that they start in a new environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "src" / "pressrun_client"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name of the project -> its wheel, built from the files that a checkout has."""
    folder = tmp_path_factory.mktemp("wheels")
    copy = folder / "copy"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    argv = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([*argv, copy, copy / CLIENT.relative_to(ROOT)], check=True)
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_the_files_that_are_not_modules_and_every_module(wheels: dict[str, Path]) -> None:
    names = names_in(wheels["pressrun"])
    package = ROOT / "src" / "pressrun"
    expected = {
        path.relative_to(ROOT / "src").as_posix() for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - names == set()
    assert not [name for name in names if name.startswith("pressrun_client/")]


def test_the_client_is_a_wheel_that_needs_only_httpx(wheels: dict[str, Path]) -> None:
    wheel = wheels["pressrun_client"]
    modules = {f"pressrun_client/{path.name}" for path in [*CLIENT.glob("*.py"), CLIENT / "py.typed"]}
    names = names_in(wheel)
    assert {name for name in names if ".dist-info/" not in name} == modules
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert re.findall(r"(?m)^Requires-Dist: (\S+?)[><=]", metadata) == ["httpx"]


def test_the_commands_start_where_only_the_wheel_is_installed(wheels: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "site"
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target]
    subprocess.run([*argv, *wheels.values()], check=True)
    # The dependencies are those of this environment; the packages under test come first, before the checkout.
    libraries = os.pathsep.join([str(target), sysconfig.get_path("purelib")])
    environment = {"PATH": os.defpath, "PYTHONPATH": libraries, "HOME": str(tmp_path)}
    program = "import sys, pressrun, pressrun_client; print(pressrun.__file__, pressrun_client.__file__)"
    shown = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert shown.count(str(target)) == 2
    start = "import sys; from pressrun.cli.entry import pressrun; pressrun()"
    for arguments in (["--version"], ["worker", "--help"]):
        command = [sys.executable, "-S", "-c", start, *arguments]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
