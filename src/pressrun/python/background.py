"""A worker in a thread of a program that goes on with something else."""

from __future__ import annotations

import asyncio
import logging
import threading

from pressrun.jobs.handler import JobHandler
from pressrun.jobs.worker import WorkerOptions, serve

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds until a worker that lost its database begins again; they double from one time to the next."""

logger = logging.getLogger(__name__)


class BackgroundWorker:
    """Does jobs until it is stopped. One that ends by an error is begun again, and the error is logged."""

    def __init__(self, url: str, options: WorkerOptions, work: JobHandler) -> None:
        self._url, self._options, self._work = url, options, work
        self._begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="worker", daemon=True)
        self.serves = False
        """Whether it takes jobs now."""

    def start(self) -> None:
        self._thread.start()
        self._begun.wait()

    def stop(self, seconds: float) -> bool:
        """Stops the jobs that run, which wait for another worker then; whether all of them ended in time."""
        if self._loop and self._serving and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._serving = asyncio.create_task(self._serve_always())
        self._begun.set()
        await asyncio.wait((self._serving,))

    async def _serve_always(self) -> None:
        wait = SHORTEST_WAIT
        while True:
            try:
                self.serves = True
                await serve(self._url, self._options, self._work, signals=False)
            except Exception as error:
                logger.error("The worker ended: %s. It begins again in %.0f s", error, wait)
            finally:
                self.serves = False
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT, 2 * wait)
