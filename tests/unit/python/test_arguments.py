"""Arguments of `BatchProcessor` and of bulk jobs are validated before anything is opened."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_public_names import call_form

from pressrun import BatchProcessor, JobPriority, RateLimiter, errors
from pressrun.errors import DatabaseError, RowsError, SettingsError, UsageError
from pressrun.jobs.server import require_modules
from pressrun.python.arguments import (
    make_input_source,
    make_request,
    own_queue_name,
    parse_database,
    processor_name,
)


class Studio(BatchProcessor):
    async def _execute_video_generation(self, video_job: Any) -> dict[str, Any]:
        return {"output_url": "https://studio.example"}


def test_a_processor_is_made_as_agreed_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call_form(BatchProcessor).startswith(
        "credentials_path=None, database=None, max_workers=4, rate_limiter=None, db_path=None"
    )
    processor = BatchProcessor("service-account.json")
    assert (processor.credentials_path, processor.max_workers) == ("service-account.json", 4)
    assert processor.rate_limiter.rates == RateLimiter().rates
    monkeypatch.setenv("PRESSRUN_GOOGLE_CREDENTIALS", "other.json")
    monkeypatch.setenv("PRESSRUN_MAX_WORKERS", "2")
    monkeypatch.setenv("PRESSRUN_RATE_LIMIT_USER", "7")
    processor = BatchProcessor()
    assert (processor.credentials_path, processor.max_workers) == ("other.json", 2)
    assert (processor.rate_limiter.rates.per_user, processor.rate_limiter.rates.per_project) == (7, 300)
    assert BatchProcessor(max_workers=4).max_workers == 4


def test_numbers_of_workers_that_cannot_be_meant_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (-1, True, 1.5, "4"):
        with pytest.raises(UsageError, match="max_workers: found"):
            BatchProcessor(max_workers=wrong)  # type: ignore[arg-type]
    monkeypatch.setenv("PRESSRUN_MAX_WORKERS", "many")
    with pytest.raises(SettingsError, match="PRESSRUN_MAX_WORKERS: found 'many'"):
        BatchProcessor()


def test_a_making_function_that_is_not_a_coroutine_is_rejected() -> None:
    class Plain(BatchProcessor):
        def _execute_video_generation(self, video_job: Any) -> Any:
            return {}

    with pytest.raises(UsageError, match="is not a coroutine function"):
        Plain()


def test_a_database_is_a_folder_or_an_address(tmp_path: Path) -> None:
    assert parse_database(None, None) == (None, None)
    assert parse_database(tmp_path / "queue", None) == (tmp_path / "queue", None)
    assert parse_database(None, str(tmp_path / "jobs.db")) == (tmp_path / "jobs.db", None)
    for address in ("postgresql://u@h/d", "postgres://h/d", "host=/run dbname=a"):
        assert parse_database(address, address) == (None, {"PRESSRUN_DATABASE_URL": address})
    with pytest.raises(UsageError, match="are the same parameter"):
        parse_database("a", "b")
    (tmp_path / "jobs.db").write_text("")
    with pytest.raises(DatabaseError, match="is a file"):
        parse_database(None, tmp_path / "jobs.db")


def test_a_class_has_one_queue_of_its_own_for_each_name(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = own_queue_name(processor_name(Studio, ""))
    assert mine == f"own:{__name__}.Studio"
    assert own_queue_name(processor_name(Studio, "two")) == f"{mine}:two"
    long = {own_queue_name(processor_name(Studio, "x" * 200 + end)) for end in "ab"}
    assert len(long) == 2
    assert max(map(len, long)) == 100


def test_a_class_of_a_script_is_named_after_its_file(tmp_path: Path) -> None:
    script = tmp_path / "films.py"
    script.write_text(
        "from pressrun.python.arguments import processor_name\nclass Studio: pass\n"
        "print(processor_name(Studio, 'night'))\n"
    )
    for command in ([str(script)], ["-m", "films"]):
        run = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert run.stdout == "films.Studio:night\n"


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ServiceUnavailableError, match="The queue needs Nothing, which is not installed"):
        require_modules({"no_such_module": "Nothing", "sys": "sys"})
    monkeypatch.setattr("pressrun.python.session.NEEDED", {"no_such_module": "Nothing"})
    with pytest.raises(errors.ServiceUnavailableError, match="The queue needs Nothing"):
        BatchProcessor(database="postgresql://nobody@127.0.0.1:1/none").start()


def test_a_database_that_cannot_be_reached_is_reported_without_its_password() -> None:
    processor = BatchProcessor(database="postgresql://nobody:hidden-word@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(errors.DatabaseAwayError, match="The database does not answer") as caught:
        processor.start()
    assert "hidden-word" not in f"{caught.value}{processor._session._options}"


def test_rows_are_given_in_one_way() -> None:
    for given in ({}, {"rows": [], "csv_text": ""}):
        with pytest.raises(UsageError, match="takes one of sheet_id, rows, csv_text and csv_file"):
            make_input_source(given, {})
    for wrong in ("idea_title\nA", {"idea_title": "A"}, 5):
        with pytest.raises(UsageError, match="it must be a list of rows"):
            make_input_source({"rows": wrong}, {})
    rows = make_input_source({"rows": ({"idea_title": "A"}, ("B", "C")), "csv_text": None}, {"columns": None})
    assert rows == {"type": "rows", "rows": [{"idea_title": "A"}, ["B", "C"]]}


def test_a_sheet_is_a_source_with_its_range() -> None:
    from pressrun.kinds.ideas.request import parse_request

    source = make_input_source({"sheet_id": "abc", "range": "A1:J20"}, {"validation": "strict"})
    request = parse_request({"title": "Spring", "input_source": source})
    assert request.model_dump()["input_source"] | {"type": "sheet", "sheet_id": "abc", "range": "A1:J20"} == (
        request.model_dump()["input_source"]
    )


def test_fields_may_stand_flat() -> None:
    body = {"title": "Spring", "priority": JobPriority.LOW}
    more = {"output_bucket": "s3://films", "template_id": "tpl_a", "output": {"resolution": "720p"}}
    assert make_request(body, more | {"callback_url": None}) == body | {
        "output": {"resolution": "720p", "output_bucket": "s3://films"}, "template": {"template_id": "tpl_a"},
    }  # fmt: skip
    with pytest.raises(UsageError, match="output_bucket is also in output"):
        make_request(body, {"output_bucket": "s3://a", "output": {"output_bucket": "s3://b"}})


def test_a_csv_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match=r"none\.csv cannot be read: no such file"):
        make_input_source({"csv_file": tmp_path / "none.csv"}, {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_csv_file_is_read_in_the_encodings_of_a_list(encoding: str, tmp_path: Path) -> None:
    text = "idea_title\nÄpfel und Birnen"
    (tmp_path / "ideas.csv").write_bytes(text.encode(encoding))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert make_input_source({"csv_file": tmp_path / "ideas.csv"}, {})["content"] == text


def test_a_csv_file_in_an_old_encoding_is_read_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes("idea_title\nÄpfel und Birnen".encode("cp1252"))
    with pytest.warns(UserWarning, match=r"old\.csv is not UTF-8 and was read as Windows-1252"):
        source = make_input_source({"csv_file": tmp_path / "old.csv"}, {})
    assert source["content"].endswith("Äpfel und Birnen")


def test_a_program_that_forgets_to_stop_ends_within_seconds(database_url: str, tmp_path: Path) -> None:
    script = tmp_path / "films.py"
    script.write_text(
        "import asyncio, sys, time\nfrom pressrun import BatchProcessor\n"
        "class Studio(BatchProcessor):\n"
        "    async def _execute_video_generation(self, video_job):\n        await asyncio.sleep(60)\n"
        "processor = Studio(database=sys.argv[1])\nprocessor.start()\n"
        "bulk = processor.create_bulk_job(rows=[{'idea_title': 'A', 'script_content': 'B.'}])\n"
        "while not processor.get_bulk_job_status(bulk)['statistics']['running']: time.sleep(0.05)\n"
        "print(time.time())\n"
    )
    environment = {**os.environ, "PRESSRUN_WORKSPACE": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, str(script), database_url], capture_output=True, text=True, timeout=40, env=environment
    )
    assert run.returncode == 0, run.stderr
    assert time.time() - float(run.stdout) < 6
    assert "Traceback" not in run.stderr
