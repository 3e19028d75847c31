"""Tells what a command costs: its time, and the processors and the memory of all its processes.

What the system itself adds up leaves out a process whose end nobody waits for, such as a kernel
that was forked; so all are looked at fifty times a second. Linux alone tells what is needed.
"""

import ctypes
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ADOPT = 36  # PR_SET_CHILD_SUBREAPER: processes whose parent ends become children of this one
TICK = os.sysconf("SC_CLK_TCK")
EVERY, MEMORY_EVERY = 0.02, 0.25  # seconds


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, seconds of all processors, and mebibytes at the most."""

    wall: float
    cpu: float
    memory: float


def cost(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], log: Path
) -> Cost:
    """Run a command, and return what it and all that it started have cost."""
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    others = {*children()}
    ticks: dict[tuple[int, str], int] = {}
    peak, looked = 0.0, 0.0
    with log.open("w") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        while True:
            # Asked first: an ended process is still there to be looked at until it is waited for.
            running = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            pids = [process.pid, *descendants(process.pid), *adopted(others | {process.pid})]
            for pid in pids:
                with suppress(OSError):
                    ticks |= used(pid)
            if time.perf_counter() - looked > MEMORY_EVERY:
                peak, looked = max(peak, sum(map(mebibytes, pids))), time.perf_counter()
            if not running:
                break
            time.sleep(EVERY)
        wall = time.perf_counter() - began
        status = process.wait()
    if status:
        raise RuntimeError(f"{' '.join(map(str, command))} failed; see {log}")
    return Cost(round(wall, 2), round(sum(ticks.values()) / TICK, 2), round(peak))


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process, and those, have started."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from descendants(child)


def children() -> Iterator[int]:
    """Yield the processes that this one has started or adopted."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    yield from map(int, listed.split())


def adopted(others: set[int]) -> Iterator[int]:
    """Yield the processes that this one has besides the others, and what they have started."""
    for child in {*children()} - others:
        yield child
        yield from descendants(child)


def used(pid: int) -> dict[tuple[int, str], int]:
    """Return the ticks of the processors that a process has had; its start makes it known."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return {(pid, fields[19]): int(fields[11]) + int(fields[12])}


def mebibytes(pid: int) -> float:
    """Return the memory of a process, of what it shares with others only its share."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
