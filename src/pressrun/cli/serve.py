"""`pressrun serve`: run the REST API and one worker, and stop them together."""

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
from pressrun.cli.formatting import pluralize
from pressrun.cli.plain_log import print_log_line
from pressrun.cli.queue import describe_database, require_packages
from pressrun.cli.screen import Screen, open_screen
from pressrun.cli.shutdown import ShutdownSignals, catch_shutdown_signals
from pressrun.cli.worker_process import WorkerProcess
from pressrun.clock import awake_time
from pressrun.errors import DatabaseAwayError, PressrunError, UsageError
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from uvicorn import Server

POLL_INTERVAL = 0.1
"""Seconds between two checks of the worker and the signals."""
DATABASE_CHECK_INTERVAL = 2.0
"""Seconds between two checks whether the bundled database is still running."""
START_TIMEOUT = 30.0
REQUEST_TIMEOUT = 1
"""Seconds that requests have to finish at shutdown. Event streams never finish, so more would not help."""
WORKER_TIMEOUT = 3.0
"""Seconds that the worker has to stop, in addition to the grace period of its stages."""
SEND_TIMEOUT = 60.0
"""Seconds after which a client that reads nothing of what it was sent is disconnected."""


@dataclass(frozen=True)
class ServeOptions:
    """Where to listen, and how many jobs the worker runs at once (0 for no worker).

    `overall` is the limit for all workers together; 0 means none.
    """

    host: str
    port: int
    workers: int
    overall: int = 0


def serve(options: ServeOptions, workspace: Path | None) -> int:
    """Serve until a signal stops it; return the exit code."""
    return run_command(workspace, lambda place: _serve(options, place))


def _serve(options: ServeOptions, workspace: Workspace) -> int:
    require_packages(api=True)
    settings, screen = load_settings(workspace.root), open_screen()
    with catch_shutdown_signals() as signals, _open_listener(options) as listener:
        from pressrun.jobs.limits import Rates
        from pressrun.jobs.server import default_folder, open_database
        from pressrun.jobs.webhooks.addresses import read_networks
        from pressrun.kinds.retention import Retention, keep_removing
        from pressrun.kinds.run_store.location import parse_location

        Rates.from_environment()
        read_networks()
        retention, ended = Retention.from_environment(), threading.Event()
        location = parse_location(workspace.root, settings.run.runs)
        with open_database() as url:
            if retention and not signals:
                arguments = (url, location, retention, ended)
                threading.Thread(target=keep_removing, args=arguments, name="retention", daemon=True).start()
            if not signals:
                bundled = None if redaction.secret_variable("database") else default_folder()
                service = _Service(options, workspace, screen, listener, describe_database(url), bundled)
                _run(service, _make_server(url, workspace), settings.run.grace, signals)
        return signals.exit_code


@dataclass(frozen=True)
class _Service:
    options: ServeOptions
    workspace: Workspace
    screen: Screen
    listener: socket.socket
    database: str
    """For the user, without the password."""
    bundled_database: Path | None
    """Folder of the database if it is the bundled one."""


def _run(service: _Service, server: Server, grace: float, signals: ShutdownSignals) -> None:
    api = threading.Thread(target=server.run, args=([service.listener],), name="api", daemon=True)
    api.start()
    worker = WorkerProcess(_worker_arguments(service), lambda sentence: print_log_line(service.screen, sentence))
    try:
        _wait_for_start(server, api, signals)
        # Everything loaded by now stays; scanning it for garbage would delay a response by a tenth of a second.
        gc.collect()
        gc.freeze()
        _print_banner(service)
        checked_at = time.monotonic()
        while not signals and api.is_alive():
            if service.options.workers:
                worker.check()
            if time.monotonic() - checked_at > DATABASE_CHECK_INTERVAL:
                checked_at = time.monotonic()
                _check_bundled_database(service)
            time.sleep(POLL_INTERVAL)
        if not signals:
            raise PressrunError("The API stopped unexpectedly", remedy="See its messages above.")
        hint = " Running jobs return to the queue." if service.options.workers else ""
        service.screen.print(f"Shutting down.{hint}")
    finally:
        _shut_down(server, api, worker, signals, grace)


def _check_bundled_database(service: _Service) -> None:
    """Raise `DatabaseAwayError` if the bundled database has stopped, as nothing else would start it again."""
    from pressrun.jobs.server import is_running

    if service.bundled_database and not is_running(service.bundled_database):
        raise DatabaseAwayError(
            f"The database in {service.bundled_database} stopped unexpectedly",
            remedy="Run the same command again. Interrupted jobs resume from their checkpoints.",
        )


def _shut_down(
    server: Server, api: threading.Thread, worker: WorkerProcess, signals: ShutdownSignals, grace: float
) -> None:
    """Stop the API and the worker at the same time. A second signal ends the grace period of running stages."""
    # uvicorn reports each event stream that it cuts off as an error.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server.should_exit = True
    worker.terminate()
    passed_on, deadline = len(signals.received), awake_time() + grace + WORKER_TIMEOUT
    while worker.running and awake_time() < deadline:
        if len(signals.received) > passed_on:
            worker.terminate()
            passed_on = len(signals.received)
        time.sleep(POLL_INTERVAL / 2)
    worker.kill()
    api.join(REQUEST_TIMEOUT + WORKER_TIMEOUT)


def _open_listener(options: ServeOptions) -> socket.socket:
    """Return a socket that listens on the address. Raises `UsageError` if that is impossible."""
    place = f"{options.host} port {options.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family)
        # Connections inherit it. Without it, the body of a response waits 40 ms for the ACK of its header.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            # Closing a connection waits until the client has read everything, which some never do.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_TIMEOUT * 1000))
        return listener
    except socket.gaierror as error:
        raise UsageError(
            f"Option --host: unknown address {options.host!r}", remedy="Use an address of this machine, e.g. 127.0.0.1."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message, remedy = f"{place} is in use", "Use another port (--port), or stop the program that uses it."
        elif error.errno == errno.EACCES:
            message, remedy = f"This user may not use {place}", "Use a port from 1024 on (--port)."
        else:
            reason = os.strerror(error.errno or 0).lower()
            message, remedy = f"Cannot listen on {place}: {reason}", "Use another address (--host)."
        raise UsageError(message, remedy=remedy) from error


def _make_server(url: str, workspace: Workspace) -> Server:
    import uvicorn

    from pressrun.api import create_app
    from pressrun.api.websocket import MAX_CLIENT_MESSAGE

    return uvicorn.Server(
        uvicorn.Config(
            create_app(url, workspace.root), log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=REQUEST_TIMEOUT, ws_max_size=MAX_CLIENT_MESSAGE,
        )
    )


def _wait_for_start(server: Server, api: threading.Thread, signals: ShutdownSignals) -> None:
    deadline = awake_time() + START_TIMEOUT
    while not (server.started or signals):
        if not api.is_alive() or awake_time() > deadline:
            raise PressrunError("The API did not start", remedy="See its messages above.")
        time.sleep(POLL_INTERVAL / 2)


def _worker_arguments(service: _Service) -> list[str]:
    options = service.options
    return [
        *("--workspace", str(service.workspace.root), "--workers", str(max(1, options.workers))),
        *("--overall", str(options.overall)),
    ]


def _print_banner(service: _Service) -> None:
    """Print what a first-time user needs: the addresses, what is used, and how to get a token."""
    screen, workers = service.screen, service.options.workers
    host, port = service.listener.getsockname()[:2]
    root = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    screen.print("Pressrun is running at ", (f"{root}/api/bulk-jobs", "bold"))
    screen.print("API:       ", f"{root}/openapi.json", indent=2)
    screen.print("workspace: ", str(service.workspace.root), indent=2)
    screen.print("database:  ", service.database, indent=2)
    jobs = pluralize(workers, "concurrent job") if workers else "none; start one with pressrun worker"
    screen.print("worker:    ", jobs, indent=2)
    screen.print("token:     ", "pressrun token create --user YOUR_NAME", indent=2)
    if not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        screen.warn(
            "Other machines can reach this address, and the connection is not encrypted. Put an HTTPS reverse proxy in "
            "front of it."
        )
    screen.print("Press Ctrl+C to stop.")
