"""Start the processes of a training on this machine, and end together."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from dfd_tf.errors import UserError
from dfd_tf.training.processes.group import Group


def launch(processes: int, work: Callable[[Group], Any]) -> None:
    """Run a function in as many processes; when one ends badly, the others are ended, too.

    Args:
        processes: how many.
        work: takes the group as its process sees it; must be picklable.

    Raises:
        UserError: one was killed, or failed and has said why.
    """
    start = get_context("spawn")
    address = f"127.0.0.1:{_free_port()}"
    started = [
        start.Process(target=_run, args=(work, Group(processes, number, address)))
        for number in range(processes)
    ]
    for process in started:
        process.start()
    try:
        while running := [process for process in started if process.exitcode is None]:
            wait([process.sentinel for process in running])
            _check(started)
    finally:
        for process in started:
            process.kill()
            process.join()


def _check(started: Sequence[BaseProcess]) -> None:
    for number, process in enumerate(started):
        if process.exitcode:
            raise UserError(
                f"process {number} of the training ended (exit code {process.exitcode}). "
                "Go on after the last whole epoch by --resume."
            )


def _run(work: Callable[[Group], Any], group: Group) -> None:
    try:
        work(group)
    except UserError as error:
        sys.exit(f"process {group.process}: {error}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
