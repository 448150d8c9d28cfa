"""Create the workspace `demo/` from the examples, run it, and print the videos to open. `make run` calls this."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
SHORTER = ("--target-seconds", "90")
"""A first-time user should not wait a minute for the first video."""


def main() -> int:
    prepare()
    code, addresses = run()
    print_next_steps(addresses)
    return code


def prepare() -> None:
    """Create the workspace. Existing files are kept, because the demo is a workspace to play with."""
    sources = DEMO / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    if not (DEMO / "books.txt").exists():
        shutil.copyfile(ROOT / "books.txt.example", DEMO / "books.txt")
    for example in sorted((ROOT / "examples" / "sources").iterdir()):
        if example.is_file() and not (sources / example.name).exists():
            shutil.copyfile(example, sources / example.name)


def run() -> tuple[int, list[str]]:
    """Run the batch. Return its exit code and the URLs of the videos that exist now."""
    command = [str(command_path("run-batch")), "--workspace", str(DEMO), "--yes", "--delay", "0", *SHORTER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", errors="replace") as batch:
        output = ""
        while True:
            try:
                output += batch.communicate()[0]
                break
            except KeyboardInterrupt:
                continue  # the batch got the same Ctrl+C and is ending; its summary is worth waiting for
    rows = [line.split("\t") for line in output.splitlines()]
    return batch.returncode, [address for row in rows for address in row[2:4] if address]


def print_next_steps(addresses: list[str]) -> None:
    if addresses:
        print("\nOpen these:")
        for address in addresses:
            print(f"  {display_path(address)}")
    command = os.path.relpath(command_path("run-batch"), Path.cwd())
    workspace = os.path.relpath(DEMO, Path.cwd())
    print("\nTry next:")
    print(f"  {command} --workspace {workspace} --file {Path(workspace) / 'books.txt'}")
    print(f"  {command} --help")


def command_path(name: str) -> Path:
    """Return the path of a command installed next to this Python."""
    return Path(sys.executable).parent / (f"{name}.exe" if os.name == "nt" else name)


def display_path(address: str) -> str:
    """Return a file URL as a path relative to the current folder, and any other URL unchanged."""
    parts = urlsplit(address)
    return os.path.relpath(unquote(parts.path), Path.cwd()) if parts.scheme == "file" else address


if __name__ == "__main__":
    sys.exit(main())
