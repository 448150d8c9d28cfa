"""Helpers to write long lists of words and patterns readably."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def one_of(*patterns: str) -> str:
    """Return a regular expression that matches any of the patterns."""
    return "(?:" + "|".join(patterns) + ")"
