"""The tree of errors that the module's docstring draws is the real one."""

from __future__ import annotations

import re

import pytest

from pressrun import errors
from pressrun.errors import PressrunError

Drawn = list[tuple[str, str, bool]]


def drawn_classes(docstring: str) -> Drawn:
    """(class, base class, retryable) in the order drawn. A class is indented below its base."""
    found: Drawn = []
    bases: dict[int, str] = {0: "PressrunError"}
    for indent, name, retryable in re.findall(r"^( *)- (\w+)( \(retryable\))?$", docstring, re.MULTILINE):
        found.append((name, bases[len(indent) - 2], bool(retryable)))
        bases[len(indent)] = name
    return found


def test_the_tree_in_the_docstring_matches_the_classes() -> None:
    """Same classes, same bases, in the order in which they are defined."""
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, PressrunError)]
    classes.remove(PressrunError)
    real = [(each.__name__, each.__bases__[0].__name__, each.retryable) for each in classes]
    assert drawn_classes(errors.__doc__ or "") == real


@pytest.mark.parametrize("kind", PressrunError.__subclasses__(), ids=lambda kind: str(kind.__name__))
def test_every_error_becomes_a_report_with_its_class_name(kind: type[PressrunError]) -> None:
    report = kind("It is so", remedy="Do this.").report()
    assert report == errors.ErrorReport(kind.__name__, "It is so", "Do this.", kind.retryable)
    assert str(report) == "It is so"
