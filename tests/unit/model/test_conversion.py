"""Conversion is safe in several threads: without the lock, the program below crashes."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
from dataclasses import make_dataclass
from pressrun.model.conversion import convert

sys.setswitchinterval(1e-6)
for _ in range(100):
    inner = make_dataclass("Inner", [(f"a{i}", int) for i in range(30)])
    outer = make_dataclass("Outer", [(f"x{i}", inner) for i in range(10)])
    value = {f"x{i}": {f"a{k}": k for k in range(30)} for i in range(10)}
    gate = threading.Barrier(4)
    threads = [threading.Thread(target=lambda: (gate.wait(), convert(value, outer))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_that_convert_to_a_new_type_at_once_do_not_crash() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
