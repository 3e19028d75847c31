"""A second process for the methods of SymPy that may take for ever; killed when time is up."""

from __future__ import annotations

import atexit
import math
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sympy as sp

from .errors import Refused

DEFAULT_LIMIT = 10.0  # seconds
METHODS = ("simplify", "limit", "integrate")
_local = threading.local()
_lock = threading.Lock()


class _Worker:
    """One process that answers one question at a time."""

    def __init__(self) -> None:
        code = (
            f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r});"
            f" from {__package__}.worker import serve; serve()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.answers: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self.answers.put(pickle.load(self.process.stdout))
            except (EOFError, pickle.UnpicklingError, ValueError, OSError):
                self.answers.put(None)
                return

    def ask(self, question: object, seconds: float) -> Any:
        pickle.dump(question, self.process.stdin)
        self.process.stdin.flush()
        return self.answers.get(timeout=seconds)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_worker: _Worker | None = None


@contextmanager
def clock(seconds: float) -> Iterator[None]:
    """Within, the formula that this thread checks may take so many seconds."""
    _local.limit, _local.end = seconds, time.monotonic() + seconds
    try:
        yield
    finally:
        _local.limit, _local.end = DEFAULT_LIMIT, math.inf


def watch_clock() -> None:
    """Called by every method that may be called very often."""
    if time.monotonic() > getattr(_local, "end", math.inf):
        raise Refused("timeout", f"no answer within {_local.limit:g} seconds")


def heavy(method: str, *arguments: sp.Expr) -> sp.Expr:
    """The result of a method of SymPy, or Refused when time is up or it fails."""
    global _worker
    watch_clock()
    seconds = getattr(_local, "limit", DEFAULT_LIMIT)
    with _lock:
        if _worker is None:
            _worker = _Worker()
            atexit.register(stop)
        try:
            answer = _worker.ask((method, arguments), seconds)
        except queue.Empty:
            stop()
            raise Refused("timeout", f"no answer within {seconds:g} seconds") from None
        except (OSError, pickle.PicklingError, AttributeError, TypeError):
            stop()
            answer = None
    if answer is None:
        raise Refused("unsupported", f"the method {method} failed")
    return answer


def stop() -> None:
    """End the worker; the next question starts a new one."""
    global _worker
    if _worker is not None:
        _worker.stop()
        _worker = None


def serve() -> None:
    """The worker's loop: read a question, write its answer."""
    source: IO[bytes] = sys.stdin.buffer
    target: IO[bytes] = sys.stdout.buffer
    while True:
        try:
            method, arguments = pickle.load(source)
        except EOFError:
            return
        try:
            answer = _answer(method, arguments)
        except Exception:  # noqa: BLE001 - SymPy fails in many ways; all of them mean "no answer"
            answer = None
        pickle.dump(answer, target)
        target.flush()


def _answer(method: str, arguments: tuple[sp.Expr, ...]) -> sp.Expr | None:
    if method == "simplify":
        return sp.simplify(arguments[0])
    if method == "limit":
        return sp.limit(arguments[0], arguments[1], 0, "+")
    if method == "integrate":
        return sp.integrate(*arguments)
    return None
