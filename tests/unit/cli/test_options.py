from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from pressrun.cli.main import pressrun, run_batch, run_pipeline
from pressrun.settings import flag_fields


def call(command: object, *arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(command, arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [run_batch, run_pipeline])
def test_every_setting_that_is_a_flag_is_in_the_help_with_its_own_words_and_default(command: object) -> None:
    shown = " ".join(call(command, "--help").stdout.split())
    for name, each in flag_fields().items():
        assert f"--{name.replace('_', '-')} " in shown
        assert each.metadata["help"] in shown
    for default in ("Default: 5s.", "Default: 60m.", "Default: 1080p.", "Default: private.", "Default: on."):
        assert default in shown


def test_help_names_stages_exit_codes_and_variables() -> None:
    shown = call(run_batch, "-h").stdout
    assert "Stages: search transcribe process tts render upload shorts" in shown
    assert "130  interrupted" in shown
    assert "PRESSRUN_PIPELINE" in shown


def test_a_wrong_flag_is_a_usage_error_with_the_nearest_one() -> None:
    result = call(run_batch, "--privcy", "public")
    assert result.exit_code == 2
    assert "--privacy" in result.stderr


def test_a_wrong_stage_is_reported_with_the_nearest_and_the_list() -> None:
    result = call(run_batch, "--until", "rendr")
    assert result.exit_code == 2
    assert "Did you mean render?" in result.stderr
    assert "search, transcribe, process, tts, render, upload, shorts" in result.stderr


def test_a_wrong_duration_is_reported_with_the_ways_to_write_it() -> None:
    result = call(run_batch, "--delay", "soon")
    assert result.exit_code == 2
    assert "90s, 2min, 1:30 or 1h" in result.stderr


def test_a_workspace_that_does_not_exist_is_a_usage_error() -> None:
    assert call(run_batch, "--workspace", "/nowhere/at/all").exit_code == 2


@pytest.mark.parametrize("command", [pressrun, run_batch, run_pipeline])
def test_every_command_says_its_version(command: object) -> None:
    assert call(command, "--version").stdout.startswith("pressrun 0.")


def test_the_subcommands_are_the_same_commands() -> None:
    assert pressrun.commands["batch"] is run_batch
    assert pressrun.commands["pipeline"] is run_pipeline


def test_help_imports_neither_rich_nor_pydantic_nor_the_engine() -> None:
    program = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from pressrun.cli.main import run_batch\n"
        "try: run_batch()\n"
        "except SystemExit: pass\n"
        "dear = ('rich', 'pydantic', 'msgspec', 'pressrun.engine', 'pressrun.services')\n"
        "print([name for name in dear if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "[]"


def test_a_pipeline_variable_that_names_nothing_says_how_to_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_PIPELINE", "nothing.here:AT_ALL")
    result = call(run_batch, "--until", "search")
    assert result.exit_code == 2
    assert "module:ATTRIBUTE" in result.stderr
