"""Which pipeline runs: the books' own, or one that `PRESSRUN_PIPELINE` names as `module:ATTRIBUTE`."""

from __future__ import annotations

import os
from importlib import import_module

from pressrun.errors import PipelineError, SettingsError
from pressrun.model.stage import Pipeline
from pressrun.pipelines.book_video import BOOK_VIDEO

PIPELINE_VARIABLE = "PRESSRUN_PIPELINE"


def chosen_pipeline() -> Pipeline:
    """The pipeline in use. Raises `SettingsError` when the variable names nothing that is one."""
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
        raise SettingsError(f"{where}, which is no pipeline but {type(found).__name__}", remedy=remedy)
    return found
