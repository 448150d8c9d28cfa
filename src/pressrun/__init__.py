"""Pressrun turns a list into finished media, unattended, resumable, and never twice.

The public names are handed out lazily, so that `import pressrun` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; the one of `typing` would cost its import
if TYPE_CHECKING:
    from typing import Any

    from pressrun.cli.python import (
        check_book_status,
        print_book_status_table,
        print_final_summary,
        process_books_batch,
    )

__version__ = "0.1.0"
__all__ = ["__version__", "check_book_status", "print_book_status_table", "print_final_summary", "process_books_batch"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("pressrun.cli.python"), name)
    raise AttributeError(f"module 'pressrun' has no attribute {name!r}")
