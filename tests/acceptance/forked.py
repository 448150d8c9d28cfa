"""Runs the real commands in forks of a process that has imported them already, which saves most of their start."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import IO

COMMANDS = {"run-batch": "run_batch", "run-pipeline": "run_pipeline", "pressrun": "pressrun"}
PRELOADED = (
    "pytest", "pressrun.cli.main", "pressrun.cli.run_batch", "pressrun.engine.batch", "pressrun.services.choice",
    "pressrun.services.sources", "pressrun.services.voices", "pressrun.services.writers", __name__,
)
_context = get_context("forkserver")
_context.set_forkserver_preload(list(PRELOADED))


def run_forked(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run one of `COMMANDS` without a terminal, as `subprocess.run` would."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / each for each in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin or "", encoding="utf-8")
        process = _context.Process(target=_run, args=(list(argv), str(folder), dict(environment), files))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(argv), timeout)
        output, errors = (file.read_text(encoding="utf-8") for file in files[1:])
        return subprocess.CompletedProcess(list(argv), process.exitcode or 0, output, errors)


def _run(argv: list[str], folder: str, environment: dict[str, str], files: Sequence[Path]) -> None:
    from pressrun.cli import entry

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (file, flags) in enumerate(zip(files, (os.O_RDONLY, _NEW, _NEW), strict=True)):
        descriptor = os.open(file, flags)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    sys.argv = argv
    try:
        sys.exit(getattr(entry, COMMANDS[Path(argv[0]).name])())
    finally:
        # Processes of multiprocessing skip this at their end.
        atexit._run_exitfuncs()
        with suppress(ValueError, OSError):
            sys.stdout.flush()


_NEW = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def _stream(descriptor: int, mode: str) -> IO[str]:
    return open(descriptor, mode, encoding="utf-8", errors="backslashreplace" if descriptor == 2 else "strict")
