"""Frozen dataclasses that the other packages share. Nothing here does I/O."""
