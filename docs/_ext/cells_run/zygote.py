"""The process that kernels are copies of: it has loaded what takes long, and runs no cell itself.

It is started with the number of a listening socket and the names of the modules to load. Its
standard input is a socket, too: one line of JSON goes out that says what is loaded, or why not, and
when the other end closes, this process ends, and with it every kernel. Each connection asks, in one
line of JSON, for one kernel, and is answered with the number of a new process: a copy of this one,
which becomes an ordinary ipykernel. There are no threads here: none would survive the fork.
"""

import gc
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import ipykernel_launcher
from ipykernel.kernelapp import IPKernelApp

STARTS_A_PROCESS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}
STARTS_A_PROCESS.add("subprocess.Popen")

# What a kernel loads when it starts.
OF_EVERY_KERNEL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
)


def load(names: list[str]) -> list[Any]:
    """Load the modules; return what went wrong, or nothing, and the file of each that is loaded."""
    error = ""
    try:
        for name in names:
            import_module(name)
    except Exception as problem:  # noqa: BLE001  # it is told, in one line
        error = f"{name}: {type(problem).__name__}: {problem}"
    return [error, {name: getattr(found, "__file__", None) for name, found in sys.modules.items()}]


def serve(listener: socket.socket) -> None:
    """Copy this process for every connection, until standard input closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        with connection:
            wish = json.loads(connection.makefile().readline())
            if os.fork() == 0:
                os.setsid()  # so that one signal reaches what the kernel starts, too
                connection.sendall(str(os.getpid()).encode())
                listener.close()
                connection.close()
                return become_kernel(**wish)


def become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Do what `python -m ipykernel_launcher` does, in this process, which has just been copied."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(set_by_loading | environment)
    if "matplotlib" in sys.modules and Path("matplotlibrc").is_file():
        sys.modules["matplotlib"].rc_file("matplotlibrc")
    if "numpy.random" in sys.modules:  # else all copies would draw the same numbers
        sys.modules["numpy.random"].seed()
    sys.argv = [ipykernel_launcher.__file__, *arguments]
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    # An interrupted kernel would fill the screen with what does not concern the book.
    kernel: Any = IPKernelApp.instance(parent_handle=os.getppid(), log_level=logging.CRITICAL)
    kernel.initialize(arguments)
    outputs: list[Any] = [sys.stdout, sys.stderr]
    pipes = [output._fid for output in outputs if output._fid is not None]
    kernel.shell.events.register("post_run_cell", lambda result: settle(pipes))
    sys.modules[Used.__name__] = Used()  # where whoever runs the cells can ask for it
    kernel.start()


def settle(pipes: list[int]) -> None:
    """Wait for what a cell wrote past Python, else the next cell would show it now and then."""
    time.sleep(0.001)
    while pipes and select.select(pipes, [], [], 0)[0]:
        time.sleep(0.001)


class Used(ModuleType):
    """Notes from now on which files this process reads, and whether it starts another."""

    def __init__(self) -> None:
        super().__init__(type(self).__name__)
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.starts_processes = False
        sys.addaudithook(self.note)

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            # What an import reads is told by the modules themselves.
            if not sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
                path, _, flags = arguments
                kind = self.written if flags & (os.O_WRONLY | os.O_RDWR) else self.read
                kind.add(os.path.abspath(os.fsdecode(path)))
        elif event in STARTS_A_PROCESS:
            self.starts_processes = True

    def told(self) -> str:
        """Return, as JSON, the files of all modules, the files read, and whether more ran."""
        modules = {getattr(module, "__file__", None) for module in [*sys.modules.values()]}
        used = sorted(filter(None, modules)), sorted(self.read - self.written)
        # It starts processes without telling, with one of these modules.
        forked = any(name.startswith("multiprocessing.popen_") for name in sys.modules)
        return json.dumps([*used, self.starts_processes or forked])


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    # As a kernel does, but before matplotlib is loaded.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger says much when it is loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started the build closes the input
    before = dict(os.environ)
    with socket.socket(fileno=os.dup(0)) as starter:
        starter.sendall(json.dumps(load([*OF_EVERY_KERNEL, *sys.argv[2:]])).encode() + b"\n")
    set_by_loading = {name: os.environ[name] for name in os.environ.keys() - before.keys()}
    gc.freeze()  # what is loaded stays shared between the copies
    serve(socket.socket(fileno=int(sys.argv[1])))
