"""List the checks of `pressrun doctor` for the machine, the workspace, the keys and the services."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pressrun import redaction
from pressrun.error_reports import reason_text
from pressrun.errors import FileTroubleError, NoSpaceError, RenderError, VoiceError
from pressrun.media.fonts import load_fonts
from pressrun.model.speech_models import DEFAULT_DOWNLOAD
from pressrun.services.checks import LOCAL_CHECK_TIMEOUT, Check, Finding, Note, State
from pressrun.services.choice import REGISTRIES, choose_service, why_unreachable
from pressrun.services.protocols import Checkable, Context, Service
from pressrun.services.voices import VOICES
from pressrun.settings import Settings, as_plain
from pressrun.store.database import Database
from pressrun.store.workspace import Workspace

MACHINE, WORKSPACE, KEYS, SERVICES, SHEETS = "This machine", "Workspace", "Keys", "Services", "Sheets"
NEEDED_ENCODERS = ("libx264", "aac")
OTHER_ENCODERS = {"libx265": "h265", "libvpx-vp9": "vp9", "libsvtav1": "av1", "libopus": "opus"}
"""Encoder -> the codec that needs it, as named in the settings."""
LOW_SPACE, MIN_SPACE = 2_000_000_000, 200_000_000
"""Free bytes below which a batch may run out of space, and below which a single book does."""
PROGRAM_TIMEOUT = 8.0
_FFMPEG_REMEDY = "Unset FFMPEG_BINARY, or set it to an ffmpeg program."


def machine_checks(settings: Settings, workspace: Workspace, version: str) -> list[Check]:
    """Return the checks of the machine. `version` is the version of Pressrun."""
    return [
        Check(MACHINE, "python", lambda _note: f"{sys.version.split()[0]}, with Pressrun {version}"),
        Check(MACHINE, "ffmpeg", _ffmpeg, needed=False),
        Check(MACHINE, "encoders", _encoders),
        Check(MACHINE, "fonts", lambda _note: _fonts(settings.item.font_dir, workspace.root)),
        Check(
            MACHINE, "espeak", lambda _note: _espeak(workspace.root), needed=settings.item.voice in ("auto", "espeak")
        ),
        Check(MACHINE, "voices", lambda _note: _voices(workspace.root, settings), needed=False),
        Check(MACHINE, "models", lambda _note: _models(workspace.root, settings), needed=False),
    ]


def workspace_checks(workspace: Workspace) -> list[Check]:
    return [
        Check(WORKSPACE, "disk", lambda note: _disk(workspace.root, note)),
        Check(WORKSPACE, "database.json", lambda _note: _database(workspace)),
    ]


def sheet_checks() -> list[Check]:
    """Return the check of access to Google Sheets, or nothing without credentials for it. The network is not used."""
    from pressrun.services.sheets.access import describe_access, is_configured

    return [Check(SHEETS, "Google Sheets", lambda _note: describe_access(), needed=False)] if is_configured() else []


def key_checks() -> list[Check]:
    """Return one check per secret that is set: whether it can be read. Values are never shown."""

    def look(name: str, _note: Note) -> str:
        redaction.find_secret(name)
        return f"set ({redaction.secret_variable(name)}): {redaction.SECRETS[name].description}"

    return [Check(KEYS, name, partial(look, name)) for name in redaction.SECRETS if redaction.secret_variable(name)]


def find_unset_keys() -> list[Finding]:
    return [
        Finding(KEYS, name, "unused", f"not set ({secret.variables[0]}): {secret.description}")
        for name, secret in redaction.SECRETS.items()
        if not redaction.secret_variable(name)
    ]


def choice_checks(settings: Settings, workspace: Path, *, ask_network: bool) -> list[Check]:
    """Return one check per kind that finds the name of the service in use."""

    def look(kind: str, _note: Note) -> str:
        return choose_service(kind, settings, workspace, ask_network=ask_network).name

    return [Check(SERVICES, kind, partial(look, kind)) for kind in REGISTRIES]


def service_checks(
    settings: Settings, workspace: Path, chosen: Mapping[str, str], *, ask_network: bool
) -> list[Check]:
    """Return one check per service, those in use first in their kind. `chosen`: kind -> name, as found by
    `choice_checks`."""
    made: list[Check] = []
    for kind, registry in REGISTRIES.items():
        for name in sorted(registry, key=lambda name: name != chosen.get(kind)):
            used = chosen.get(kind) == name
            look = partial(_used if used else _unused, registry[name], settings, workspace, ask_network)
            state: State = "fine" if used else "unused"
            timeout = None if registry[name].NEEDS_NETWORK else LOCAL_CHECK_TIMEOUT
            made.append(Check(SERVICES, f"{kind} {name}", look, used, state, timeout))
    return made


def _ffmpeg(_note: Note) -> str:
    import subprocess

    import imageio_ffmpeg

    program = os.environ.get("FFMPEG_BINARY") or imageio_ffmpeg.get_ffmpeg_exe()
    try:
        done = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=PROGRAM_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"{program} does not run: {reason_text(error)}", remedy=_FFMPEG_REMEDY) from error
    if done.returncode != 0 or not done.stdout.startswith("ffmpeg version"):
        raise RenderError(f"{program} is not ffmpeg", remedy=_FFMPEG_REMEDY)
    return f"version {done.stdout.split()[2]}"


def _encoders(note: Note) -> str:
    import av

    def has(name: str) -> bool:
        try:
            av.Codec(name, "w")
        except (av.FFmpegError, ValueError):
            return False
        return True

    if missing := [name for name in NEEDED_ENCODERS if not has(name)]:
        raise RenderError(
            f"PyAV {av.__version__} has no encoder {' and no '.join(missing)}",
            remedy="Install PyAV from its wheels: pip install --force-reinstall av",
        )
    if lacking := [codec for name, codec in OTHER_ENCODERS.items() if not has(name)]:
        note(f"Videos cannot use {', '.join(lacking)}.")
    found = [name for name in (*NEEDED_ENCODERS, *OTHER_ENCODERS) if has(name)]
    return f"{', '.join(found)} (PyAV {av.__version__})"


def _fonts(font_dir: str, workspace: Path) -> str:
    fonts = load_fonts(font_dir, workspace)
    face = fonts.pick("Pressrun")
    face.at(24).getbbox("Pressrun")
    own = f", {len(fonts.custom_files)} of them from font_dir" if fonts.custom_files else ""
    return f"{len(fonts.faces)} files{own}; text is drawn with {face.family}"


def _espeak(workspace: Path) -> str:
    speech = VOICES["espeak"].speak("Ready.", "en", 165, Context(workspace, {}))
    if not any(speech.pcm):
        raise VoiceError(
            "Its audio is silent", remedy="Install it again: pip install --force-reinstall espeakng-loader"
        )
    return f"spoke a word in {len(speech.pcm) / 2 / speech.sample_rate:.1f} s"


def _voices(workspace: Path, settings: Settings) -> str:
    """Return how many voices with a name can be used."""
    from pressrun.services.voices.listing import list_voices

    found = [each for each in list_voices(Context(workspace, as_plain(settings.item))) if not each.requirement]
    named = [each for each in found if each.service in ("kokoro", "piper")]
    languages = {each.language.split("-")[0] for each in named}
    if not named:
        return "only espeak; for natural voices: pip install 'pressrun[voice]'"
    return f"{len(named)} natural voices in {len(languages)} languages; to list them: pressrun voices"


def _models(workspace: Path, settings: Settings) -> str:
    """Return which speech recognition models are on this machine, and which one is used."""
    from pressrun.services.transcribers.model_downloads import list_models

    item = settings.item
    listed = list_models(item.whisper_model, workspace, item.language)
    found = [each for each in listed if not each.requirement]
    if not found:
        return "none; to recognize speech in recordings: pip install 'pressrun[whisper]'"
    names = ", ".join(f"{each.name} ({each.memory:,} MB of memory)" for each in found)
    if all(each.languages == "en" for each in found):
        return f"{names}; English only; for other languages: pressrun models get {DEFAULT_DOWNLOAD}"
    return f"{names}; to list all: pressrun models list"


def _disk(root: Path, note: Note) -> str:
    free = shutil.disk_usage(root).free
    shown = f"{free / 1e9:.1f} GB free and writable"
    if free < MIN_SPACE:
        raise NoSpaceError(f"{root} has {free / 1e6:.0f} MB left", remedy="Free some disk space.")
    try:
        with tempfile.NamedTemporaryFile(dir=root, prefix=".doctor-") as file:
            file.write(b"Pressrun")
            file.flush()
    except OSError as error:
        raise FileTroubleError(
            f"{root} is not writable: {(error.strerror or str(error)).lower()}",
            remedy="Fix its permissions, or choose another folder with --workspace.",
        ) from error
    if free < LOW_SPACE:
        note("A long batch may fill the disk.")
    return shown


def _database(workspace: Workspace) -> str:
    if not workspace.database.exists():
        return "not there yet; the first run creates it"
    books = Database(workspace.database).books()
    done = sum(1 for book in books if book.get("status") == "done")
    return f"{len(books):,} book{'s' * (len(books) != 1)}, {done:,} of them done"


def _unused(service: Service, settings: Settings, workspace: Path, ask_network: bool, _note: Note) -> str:
    readiness = service.ready(Context(workspace, as_plain(settings.item)))
    if not readiness.ready:
        return f"{readiness.reason}. {readiness.remedy}".rstrip()
    if missing := why_unreachable(service, readiness, settings, ask_network=ask_network):
        return f"configured, but {missing}"
    return f"not in use; {readiness.reason}"


def _used(service: Service, settings: Settings, workspace: Path, ask_network: bool, note: Note) -> str:
    context = Context(workspace, as_plain(settings.item), note=note)
    readiness = service.ready(context)
    asks_nothing = not service.NEEDS_NETWORK or readiness.near
    if isinstance(service, Checkable) and (ask_network or asks_nothing):
        return f"in use; {service.check(context)}"
    return f"in use; {readiness.reason}" if asks_nothing else f"in use; {readiness.reason}; not checked"
