from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pressrun.clock import awake_time
from pressrun.engine.output_log import MAX_HEAD_BYTES, MAX_TAIL_BYTES, OutputLog
from pressrun.engine.process_runner import ProcessResult, ProcessRunner, StageProcess
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import kill_survivors, owner_stamp
from pressrun.model.stage_protocol import Computed, Note, Progress, StageEvent

STAMP = "test"


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[ProcessRunner]:
    with ProcessRunner(tmp_path, owner_stamp(tmp_path)) as running:
        yield running


def attempt(tmp_path: Path, program: str, seconds: float = 20.0, grace: float = 0.3) -> StageProcess:
    run_id = f"{STAMP}-{tmp_path.name}-{time.monotonic_ns()}"
    argv = (sys.executable, "-c", program)
    return StageProcess(run_id, argv, {}, tmp_path / "logs" / "stage.log", "", awake_time() + seconds, grace)


def run(
    runner: ProcessRunner, what: StageProcess, stop: StopToken | None = None
) -> tuple[ProcessResult, list[StageEvent]]:
    said: list[StageEvent] = []
    return runner.run(what, StopToken() if stop is None else stop, said.append), said


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_output_goes_to_the_log_and_the_exit_status_comes_back(runner: ProcessRunner, tmp_path: Path) -> None:
    ended, _ = run(runner, attempt(tmp_path, "import sys; print('hello'); print('oh', file=sys.stderr); sys.exit(3)"))
    assert ended.status == 3
    assert sorted((tmp_path / "logs/stage.log").read_text().split()) == ["hello", "oh"]


def test_a_stage_has_no_standard_input_and_a_session_of_its_own(runner: ProcessRunner, tmp_path: Path) -> None:
    run(runner, attempt(tmp_path, "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"))
    assert (tmp_path / "logs/stage.log").read_text().split() == ["''", "True"]


def test_events_are_passed_on_and_rubbish_among_them_goes_to_the_log(runner: ProcessRunner, tmp_path: Path) -> None:
    program = r"""
import os
os.write(3, b'{"event": "progress", "done": 1, "total": 2, "unit": "parts"}\nrubbish\n')
os.write(3, b'{"event": "computed"}\n')
os.write(3, b'{"event": "reads", "path": "/x", "sha256": "ab"}\n')
os.write(3, b'{"event": "error", "kind": "VoiceError", "message": "no", "remedy": "yes", "retryable": false}\n')
raise SystemExit(1)
"""
    ended, said = run(runner, attempt(tmp_path, program))
    assert said == [Progress(1, 2, "parts"), Computed()]
    assert ended.reads == {"/x": "ab"}
    assert ended.error is not None
    assert (ended.error.kind, ended.error.message, ended.error.remedy) == ("VoiceError", "no", "yes")
    assert "rubbish" in (tmp_path / "logs/stage.log").read_text()


@pytest.mark.parametrize("done", ["b'NaN'", "b'-Infinity'", "b'1' * 400", "b'[' * 60_000"])
def test_an_event_without_a_number_is_ignored_too(runner: ProcessRunner, tmp_path: Path, done: str) -> None:
    program = f"""
import os
os.write(3, b'{{"event": "progress", "total": 2, "unit": "parts", "done": ' + {done} + b'}}\\n')
"""
    ended, said = run(runner, attempt(tmp_path, program))
    assert (ended.status, said) == (0, [])
    assert "[an event that cannot be read" in (tmp_path / "logs/stage.log").read_text()


def test_a_stage_can_ask_for_a_later_deadline_and_not_for_an_earlier_one(runner: ProcessRunner, tmp_path: Path) -> None:
    program = r"""
import os
for seconds in (b"100", b"30", b"NaN", b"true"):
    os.write(3, b'{"event": "time_limit", "seconds": ' + seconds + b'}\n')
"""
    ended, said = run(runner, attempt(tmp_path, program, seconds=20))
    assert ended.extended == pytest.approx(80, abs=5)
    assert ended.suspended == pytest.approx(0, abs=0.001)
    assert said == []


def test_a_program_that_is_not_there_is_an_error_with_its_name(runner: ProcessRunner, tmp_path: Path) -> None:
    what = StageProcess("id", ("no-such-program",), {}, tmp_path / "x.log", "", awake_time() + 5, 0.3)
    ended, _ = run(runner, what)
    assert ended.error is not None
    assert "no-such-program" in ended.error.message


def test_a_deadline_ends_a_stage_that_ignores_term(runner: ProcessRunner, tmp_path: Path) -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    started = time.monotonic()
    ended, _ = run(runner, attempt(tmp_path, program, seconds=0.5))
    assert ended.timed_out
    assert ended.status == -signal.SIGKILL
    assert time.monotonic() - started < 3


def test_a_stopped_process_ends_by_its_deadline_too(runner: ProcessRunner, tmp_path: Path) -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    ended, _ = run(runner, attempt(tmp_path, program, seconds=0.5))
    assert ended.timed_out


def signal_stage(tmp_path: Path, number: int) -> None:
    os.kill(int((tmp_path / "logs/stage.log").read_text().split()[0]), number)


def test_the_time_that_a_stage_is_suspended_from_outside_does_not_count(runner: ProcessRunner, tmp_path: Path) -> None:
    program = "import os, time; print(os.getpid(), flush=True)\nfor _ in range(8): time.sleep(0.1)"
    timers = [
        threading.Timer(after, signal_stage, [tmp_path, number])
        for after, number in ((0.5, signal.SIGSTOP), (2.0, signal.SIGCONT))
    ]
    for timer in timers:
        timer.start()
    ended, events = run(runner, attempt(tmp_path, program, seconds=1.2))
    assert (ended.status, ended.error, ended.timed_out) == (0, None, False)
    assert ended.suspended == pytest.approx(1.5, abs=0.4)
    assert ended.seconds < 1.4
    pid = (tmp_path / "logs/stage.log").read_text().split()[0]
    assert events == [Note(f"Suspended by a signal; its time limit waits. Continue it with: kill -CONT {pid}")]


def test_a_stop_ends_a_suspended_stage(runner: ProcessRunner, tmp_path: Path) -> None:
    stop = StopToken()
    threading.Timer(0.4, signal_stage, [tmp_path, signal.SIGSTOP]).start()
    threading.Timer(0.8, stop.request, ["interrupt"]).start()
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    ended, _ = run(runner, attempt(tmp_path, program), stop)
    assert (ended.status, ended.stopped) == (-signal.SIGTERM, True)


def test_a_stage_that_ends_while_its_supervisor_is_suspended_has_not_timed_out(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    program = "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(0.1)"
    runner.control()
    supervisor = runner._supervisor
    assert supervisor is not None
    threading.Timer(2.0, supervisor.send_signal, [signal.SIGCONT]).start()
    ended, _ = run(runner, attempt(tmp_path, program, seconds=1.0))
    assert (ended.status, ended.timed_out) == (0, False)


RUN_ONE_STAGE = """
import sys, time
from pathlib import Path
from pressrun.clock import awake_time
from pressrun.engine.process_runner import ProcessRunner, StageProcess
from pressrun.engine.stop import StopToken

folder, seconds, limit = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
program = f"import time; print('on', flush=True); time.sleep({seconds})"
with ProcessRunner(folder, "test") as runner:
    runner.control()
    argv = (sys.executable, "-c", program)
    process = StageProcess("id", argv, {}, folder / "logs/stage.log", "", awake_time() + limit, 0.3)
    result = runner.run(process, StopToken(), print)
print(result.status, result.timed_out, result.seconds)
"""


@pytest.mark.parametrize(("seconds", "limit"), [(2.0, 1.5), (4.0, 3.0)], ids=["ends meanwhile", "ends afterwards"])
def test_a_stage_succeeds_although_the_batch_was_stopped_for_longer_than_its_limit(
    tmp_path: Path, seconds: float, limit: float
) -> None:
    argv = [sys.executable, "-c", RUN_ONE_STAGE, str(tmp_path), str(seconds), str(limit)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as batch:
        log, end = tmp_path / "logs/stage.log", time.monotonic() + 10
        while not (log.exists() and log.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        batch.send_signal(signal.SIGSTOP)
        time.sleep(3.3)
        batch.send_signal(signal.SIGCONT)
        output, _ = batch.communicate(timeout=20)
    status, timed_out, worked = output.split()
    assert (status, timed_out) == ("0", "False")
    assert float(worked) == pytest.approx(seconds, abs=0.7)


@pytest.mark.parametrize("leader_ends", [True, False])
def test_what_a_stage_started_ends_with_it(runner: ProcessRunner, tmp_path: Path, leader_ends: bool) -> None:
    program = f"""
import os, subprocess, sys, time
ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
stubborn = ignore + "print('on', flush=True); time.sleep(60)"
clean = {{key: value for key, value in os.environ.items() if not key.startswith("PRESSRUN")}}
argv = [sys.executable, "-c", stubborn]
child = subprocess.Popen(argv, start_new_session=True, env=clean, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep({0 if leader_ends else 60})
"""
    run(runner, attempt(tmp_path, program, seconds=1.5))
    grandchild = int((tmp_path / "logs/stage.log").read_text().split()[0])
    assert not alive(grandchild)


def test_a_stop_from_another_thread_ends_the_stage(runner: ProcessRunner, tmp_path: Path) -> None:
    stop = StopToken()
    threading.Timer(0.4, stop.request, ["interrupt"]).start()
    started = time.monotonic()
    ended, _ = run(runner, attempt(tmp_path, "import time; time.sleep(60)"), stop)
    assert ended.stopped
    assert time.monotonic() - started < 3


def test_a_second_stop_gives_no_grace(runner: ProcessRunner, tmp_path: Path) -> None:
    stop = StopToken()
    threading.Timer(0.3, stop.request, ["interrupt"]).start()
    threading.Timer(0.6, stop.force).start()
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    started = time.monotonic()
    run(runner, attempt(tmp_path, program, grace=30), stop)
    assert time.monotonic() - started < 4


def test_a_killed_supervisor_is_noticed_and_the_next_attempt_gets_another(
    runner: ProcessRunner, tmp_path: Path
) -> None:
    program = "import os, signal, time; print(os.getpid(), flush=True); os.kill(os.getppid(), signal.SIGKILL); "
    ended, _ = run(runner, attempt(tmp_path, program + "time.sleep(60)"))
    assert not alive(int((tmp_path / "logs/stage.log").read_text().split()[0]))
    assert ended.error is not None
    assert "ended from outside" in ended.error.message
    again, _ = run(runner, attempt(tmp_path, "pass"))
    assert again.status == 0


def sleeping(stamp: str) -> subprocess.Popen[bytes]:
    program = "import time; print('on', flush=True); time.sleep(60)"
    environment = {**os.environ, "PRESSRUN_OWNER": stamp}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_survivors_of_a_batch_of_this_workspace_that_is_gone_are_ended_and_no_others(tmp_path: Path) -> None:
    here, mine, elsewhere = owner_stamp(tmp_path).split("-"), owner_stamp(tmp_path), owner_stamp(tmp_path / "other")
    orphan = sleeping("-".join([here[0], "999999999", here[2], "ab"]))
    owned = sleeping(mine)
    foreign = sleeping("-".join([elsewhere.split("-")[0], "999999999", "1", "ab"]))
    try:
        assert kill_survivors(tmp_path) == [orphan.pid]
        assert orphan.wait(timeout=5) == -signal.SIGKILL
        assert owned.poll() is None
        assert foreign.poll() is None
    finally:
        for process in (orphan, owned, foreign):
            process.kill()
            process.wait()


def test_a_clock_that_was_set_makes_no_living_batch_an_orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owned = sleeping(owner_stamp(tmp_path))
    try:
        monkeypatch.setattr(psutil, "boot_time", lambda: 1.0)
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda: 1.0, raising=False)
        assert kill_survivors(tmp_path) == []
    finally:
        owned.kill()
        owned.wait()


def test_a_flood_of_output_keeps_its_beginning_and_its_end(runner: ProcessRunner, tmp_path: Path) -> None:
    program = "import sys\nfor n in range(60000): sys.stdout.write(f'{n:07d} ' * 12 + '\\n')\nprint('the end')"
    run(runner, attempt(tmp_path, program))
    text = (tmp_path / "logs/stage.log").read_bytes()
    assert text.startswith(b"0000000 ")
    assert text.endswith(b"the end\n")
    assert b"bytes left out" in text
    assert len(text) < MAX_HEAD_BYTES + 2 * MAX_TAIL_BYTES


def test_a_log_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder belongs")
    log = OutputLog(tmp_path / "logs" / "stage.log")
    log.write(b"hello")
    log.close()
    assert (tmp_path / "logs").read_text() == "a file where the folder belongs"


def test_one_stop_ends_the_attempts_of_all_runners_and_a_forced_one_the_stubborn(tmp_path: Path) -> None:
    stop, ends = StopToken(), []
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    stubborn = f"{ignore}; print('on', flush=True); time.sleep(60)"

    def run_one(number: int) -> None:
        with ProcessRunner(tmp_path, owner_stamp(tmp_path)) as mine:
            log = tmp_path / "logs" / f"{number}.log"
            what = replace(attempt(tmp_path, stubborn, grace=30.0), log=log)
            ends.append(mine.run(what, stop, lambda _: None))

    threads = [threading.Thread(target=run_one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    logs = [tmp_path / "logs" / f"{number}.log" for number in range(3)]
    while not all(log.exists() and b"on" in log.read_bytes() for log in logs):
        time.sleep(0.02)
    stop.request("enough")
    time.sleep(0.1)
    assert ends == []
    began = time.monotonic()
    stop.force()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 3
    assert [(end.status, end.stopped) for end in ends] == [(-9, True)] * 3


def test_a_stop_wakes_everybody_who_waits_for_it() -> None:
    stop, woken = StopToken(), []
    threads = [threading.Thread(target=lambda: woken.append(stop.wait(20))) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.request("enough")
    for thread in threads:
        thread.join(2)
    assert woken == [True] * 3


def test_the_peak_of_the_memory_comes_back(runner: ProcessRunner, tmp_path: Path) -> None:
    result, _ = run(runner, attempt(tmp_path, "data = bytearray(90_000_000)"))
    assert 90 < result.peak_memory < 400
    assert not result.out_of_memory
