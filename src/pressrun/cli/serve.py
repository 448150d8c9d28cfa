"""`pressrun serve`: the REST API and one worker, ended together."""

from __future__ import annotations

import errno
import gc
import ipaddress
import logging
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun import redaction
from pressrun.cli.command import run_command
from pressrun.cli.ending import Ending, asked_to_end
from pressrun.cli.formatting import pluralize
from pressrun.cli.plain_log import tell_line
from pressrun.cli.queue_place import database_in_words, need_extra
from pressrun.cli.screen import Screen, open_screen
from pressrun.cli.worker_keeper import WorkerKeeper
from pressrun.errors import DatabaseAwayError, PressrunError, UsageError
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from uvicorn import Server

DATABASE_LOOKS = 2.0
"""Seconds between two looks whether a database of our own is alive."""
GLANCE = 0.1
"""Seconds between two looks at the worker and the signals."""
LAST_REQUESTS = 1
"""Seconds that requests have to end by themselves; an open stream of events has none that would be enough."""
WORKER_ENDS = 3.0
"""Seconds a worker has to end beyond the grace of its stages."""
STARTS_WITHIN = 30.0
TAKEN_WITHIN = 60.0
"""Seconds in which a client must take something of what waits for it; then its connection is cut."""


@dataclass(frozen=True)
class Service:
    """Where to listen, and what the worker may do at once: 0 for no worker. `overall` counts all workers."""

    host: str
    port: int
    workers: int
    overall: int = 0


def serve(service: Service, workspace: Path | None) -> int:
    """Serves until it is asked to end; returns the exit code."""
    return run_command(workspace, lambda place: _serve(service, place))


def _serve(service: Service, workspace: Workspace) -> int:
    need_extra(api=True)
    settings, screen = load_settings(workspace.root), open_screen()
    with asked_to_end() as ending, _listening(service) as listener:
        from pressrun.jobs.limits import Rates
        from pressrun.jobs.server import default_folder, open_database

        Rates.from_environment()
        with open_database() as url:
            if not ending:
                own = None if redaction.secret_variable("database") else default_folder()
                front = _Front(service, workspace, screen, listener, database_in_words(url), own)
                _run(front, _server(url, workspace), settings.run.grace, ending)
        return ending.exit_code


@dataclass(frozen=True)
class _Front:
    """What is served, where, and who is told."""

    service: Service
    workspace: Workspace
    screen: Screen
    listener: socket.socket
    database: str
    own_database: Path | None
    """The folder of the database where it is our own."""


def _run(front: _Front, server: Server, grace: float, ending: Ending) -> None:
    answering = threading.Thread(target=server.run, args=([front.listener],), name="api", daemon=True)
    answering.start()
    keeper = WorkerKeeper(_worker_arguments(front), lambda sentence: tell_line(front.screen, sentence))
    try:
        _wait_until_it_answers(server, answering, ending)
        # What is loaded stays for good; looking through it for garbage would hold up an answer for a tenth of a second.
        gc.collect()
        gc.freeze()
        _introduce(front)
        looked = time.monotonic()
        while not ending and answering.is_alive():
            if front.service.workers:
                keeper.look()
            if time.monotonic() - looked > DATABASE_LOOKS:
                looked = time.monotonic()
                _refuse_a_dead_database(front)
            time.sleep(GLANCE)
        if not ending:
            raise PressrunError("The API ended by itself", remedy="What it said before tells more.")
        front.screen.say("Ending; what runs goes back to the queue." if front.service.workers else "Ending.")
    finally:
        _end(server, answering, keeper, ending, grace)


def _refuse_a_dead_database(front: _Front) -> None:
    """Raises `DatabaseAwayError` when the database that is our own has ended: nobody else would start it again."""
    from pressrun.jobs.server import still_runs

    if front.own_database and not still_runs(front.own_database):
        raise DatabaseAwayError(
            f"The database in {front.own_database} has ended by itself",
            remedy="Start the same command again; what ran goes on from its checkpoint.",
        )


def _end(server: Server, answering: threading.Thread, keeper: WorkerKeeper, ending: Ending, grace: float) -> None:
    """Ends both at once. A second signal takes the grace of what runs."""
    # Streams of events that are open are cut, which uvicorn would tell of as of errors.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server.should_exit = True
    keeper.ask_to_end()
    asked, end = len(ending.signals), time.monotonic() + grace + WORKER_ENDS
    while keeper.running and time.monotonic() < end:
        if len(ending.signals) > asked:
            keeper.ask_to_end()
            asked = len(ending.signals)
        time.sleep(GLANCE / 2)
    keeper.end()
    answering.join(LAST_REQUESTS + WORKER_ENDS)


def _listening(service: Service) -> socket.socket:
    """A socket on the address. Raises `UsageError` where there can be none."""
    where = f"{service.host} port {service.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            service.host, service.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family)
        # Taken over by connections. Without it the body of an answer waits 40 ms for the receipt of its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            # Closing a connection waits until what was sent is taken, which some client never may.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(TAKEN_WITHIN * 1000))
        return listener
    except socket.gaierror as error:
        raise UsageError(
            f"Option --host: there is no address {service.host!r}", remedy="Write one of this machine, as 127.0.0.1."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message, remedy = f"{where} is in use", "Choose another with --port, or end the program that has it."
        elif error.errno == errno.EACCES:
            message, remedy = f"{where} may not be used by this user", "Choose a port from 1024 on with --port."
        else:
            why = os.strerror(error.errno or 0).lower()
            message, remedy = f"{where} cannot be listened on: {why}", "Choose another address with --host."
        raise UsageError(message, remedy=remedy) from error


def _server(url: str, workspace: Workspace) -> Server:
    import uvicorn

    from pressrun.api import create_app
    from pressrun.api.live import LARGEST_WORDS

    return uvicorn.Server(
        uvicorn.Config(
            create_app(url, workspace.root), log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=LAST_REQUESTS, ws_max_size=LARGEST_WORDS,
        )
    )


def _wait_until_it_answers(server: Server, answering: threading.Thread, ending: Ending) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while not (server.started or ending):
        if not answering.is_alive() or time.monotonic() > end:
            raise PressrunError("The API did not start", remedy="What it said before tells more.")
        time.sleep(GLANCE / 2)


def _worker_arguments(front: _Front) -> list[str]:
    service = front.service
    return [
        *("--workspace", str(front.workspace.root), "--workers", str(max(1, service.workers))),
        *("--overall", str(service.overall)),
    ]


def _introduce(front: _Front) -> None:
    """What somebody wants to know who sees it for the first time."""
    screen, workers = front.screen, front.service.workers
    host, port = front.listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    screen.say(("Pressrun serves ", ""), (f"http://{shown}:{port}/api/bulk-jobs", "bold"))
    screen.say("described: ", f"http://{shown}:{port}/openapi.json", indent=2)
    screen.say("workspace: ", str(front.workspace.root), indent=2)
    screen.say("database:  ", front.database, indent=2)
    jobs = f"{pluralize(workers, 'job')} at once" if workers else "none here; pressrun worker starts one"
    screen.say("worker:    ", jobs, indent=2)
    screen.say("a token:   ", "pressrun token create --user YOUR_NAME", indent=2)
    if not _for_this_machine_alone(host):
        screen.warn(
            "Other machines can reach this address, and what they send is not encrypted. Put a server that speaks "
            "https in front of it."
        )
    screen.say("Ctrl+C ends it.")


def _for_this_machine_alone(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback
