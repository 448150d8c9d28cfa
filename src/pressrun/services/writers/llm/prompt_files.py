"""Load the prompts: files of the package, or the user's changed copies in the folder `prompts_dir`.

`python -m pressrun.services.writers.llm.prompt_files FOLDER` copies them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pressrun.error_reports import reason_text
from pressrun.errors import SettingsError

_TASK = frozenset(
    ["book", "title", "author", "language", "seconds", "words", "unit", "scenes", "scene_words", "short_words",
     "short_seconds"]
)
PROMPT_FILES = {
    "role.md": frozenset[str](),
    "script.md": _TASK,
    "idea_role.md": frozenset[str](),
    "idea.md": _TASK - {"book", "author"},
    "rewrite.md": frozenset(["longest", "longest_allowed", "share", "share_allowed", "passage"]),
}
"""File -> the placeholders it may use."""
COPY_MODULE = "pressrun.services.writers.llm.prompt_files"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def find_own_prompts(folder: str, workspace: Path) -> list[Path]:
    """Return the prompts written by the user; missing ones are loaded from the package.

    Raises `SettingsError` if `folder` is set but has no prompts.
    """
    if not folder:
        return []
    prompts_folder = workspace / Path(folder).expanduser()
    found = [prompts_folder / name for name in PROMPT_FILES if (prompts_folder / name).is_file()]
    if not found:
        raise SettingsError(
            f"Setting prompts_dir: {prompts_folder} has none of {', '.join(PROMPT_FILES)}",
            remedy=f"Copy them there with python -m {COPY_MODULE} {folder}.",
        )
    return found


def load_prompts(folder: str, workspace: Path) -> dict[str, str]:
    """Return name -> text of every prompt. Raises `SettingsError` for an unreadable file or an unknown placeholder."""
    own = {path.name: path for path in find_own_prompts(folder, workspace)}
    return {name: _load_prompt(own[name]) if name in own else packaged_prompt(name) for name in PROMPT_FILES}


def packaged_prompt(name: str) -> str:
    return files(__package__).joinpath("prompts", name).read_text(encoding="utf-8")


def fill_placeholders(text: str, values: Mapping[str, object]) -> str:
    """Return `text` with every placeholder replaced once, whatever the values contain."""
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


def _load_prompt(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {reason_text(error)}", remedy="Save it as plain text in UTF-8."
        ) from error
    allowed = PROMPT_FILES[path.name]
    for number, line in enumerate(text.splitlines(), start=1):
        for name in _PLACEHOLDER.findall(line):
            if name not in allowed:
                known = ", ".join(f"{{{each}}}" for each in sorted(allowed)) or "none"
                raise SettingsError(
                    f"{path}, line {number}: unknown placeholder {{{name}}}", remedy=f"It may use: {known}."
                )
    if not text.strip():
        raise SettingsError(f"{path} is empty", remedy="Remove it to use the built-in prompt.")
    return text


def copy_prompts(folder: Path) -> list[Path]:
    """Copy the prompts of the package into `folder`; existing files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / name for name in PROMPT_FILES if not (folder / name).exists()]
    for path in written:
        path.write_text(packaged_prompt(path.name), encoding="utf-8")
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m pressrun.services.writers.llm.prompt_files FOLDER")
    for each in copy_prompts(Path(sys.argv[1])):
        print(each)
