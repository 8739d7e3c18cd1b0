"""Workers of the local runner that die: the run ends, which Beam would go on waiting for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dfd_tf.errors import UserError

_WATCHER = "run_worker"  # Beam's name of the thread that starts a worker process and waits for it


@contextmanager
def ending_with_its_workers() -> Iterator[None]:
    """While the block runs, in the main thread, the death of a worker process ends it.

    The FnApiRunner's thread that waits for a worker raises when the worker dies, but the runner
    itself does not hear of it and waits for its answers without end (Beam 2.77).

    Raises:
        UserError: a worker died.
    """
    died = threading.Event()
    before, main = threading.excepthook, threading.main_thread().ident or 0

    def hear(raised: threading.ExceptHookArgs) -> None:
        if raised.thread is None or raised.thread.name != _WATCHER:
            before(raised)
        else:
            died.set()
            signal.pthread_kill(main, signal.SIGINT)

    threading.excepthook = hear
    try:
        yield
    except KeyboardInterrupt:
        if not died.is_set():
            raise
        raise UserError(
            "a worker process died, by a signal or for want of memory. What is written stays: go "
            "on with the rest by --resume, and perhaps with fewer workers."
        ) from None
    finally:
        threading.excepthook = before
