"""Declarations of pipelines, one file each, and which of them runs."""

from __future__ import annotations

import os

from pressrun.errors import PipelineError, SettingsError
from pressrun.model.stage import Pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.pipelines.idea_video import IDEA_VIDEO

PIPELINE_VARIABLE = "PRESSRUN_PIPELINE"
PIPELINES: dict[str, Pipeline] = {each.name: each for each in (BOOK_VIDEO, IDEA_VIDEO)}


def chosen_pipeline() -> Pipeline:
    """Return the pipeline that books run through: `book-video`, or the one that `PRESSRUN_PIPELINE` names.

    Raises `SettingsError` if the variable names something that is not a pipeline.
    """
    from importlib import import_module

    named = os.environ.get(PIPELINE_VARIABLE, "")
    if not named:
        return BOOK_VIDEO
    where = f"Environment variable {PIPELINE_VARIABLE}: found {named!r}"
    remedy = "Write it as module:ATTRIBUTE, with a module that Python finds (PYTHONPATH), or unset it."
    module, _, attribute = named.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except PipelineError:
        raise
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(f"{where}; {error}", remedy=remedy) from error
    if not isinstance(found, Pipeline):
        raise SettingsError(f"{where}, a {type(found).__name__} instead of a pipeline", remedy=remedy)
    return found
