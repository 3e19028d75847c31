"""Starts kernels that are copies of one process, the zygote, in place of fresh ones.

To jupyter_client this is one more way of starting a kernel, a "provisioner"; everything else about
the kernel, and about how it is talked to, stays as it is.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from sphinx.errors import ConfigError
from states import is_beside

ZYGOTE = Path(__file__).with_name("zygote.py")
USED = "__import__('sys').modules['Used'].told()"  # what a copy answers with what it has used
LAUNCH = ["-m", "ipykernel_launcher"]
POSSIBLE = sys.platform == "linux" and hasattr(os, "pidfd_open")


class Copy:
    """A process that somebody else has started, with what jupyter_client asks of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return 0 if select.select([self.handle], [], [], 0)[0] else None

    def wait(self) -> int:
        select.select([self.handle], [], [])
        os.close(self.handle)
        return 0

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self.handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Provisioner(LocalProvisioner):
    """Starts a kernel by asking the zygote for a copy of itself."""

    zygote = ""  # its address

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        if self.kernel_spec.argv[1:3] == LAUNCH:
            # Two kernels that start at once may choose the same port, but not the same file.
            manager: Any = self.parent
            manager.transport = "ipc"
            manager.ip = str(Path(self.zygote).with_name(self.kernel_id))
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        # A kernel of another language, or of another Python, is no copy of this one.
        if cmd[:3] != [sys.executable, *LAUNCH]:
            return await super().launch_kernel(cmd, **kwargs)
        wish = {"arguments": cmd[3:], "folder": kwargs["cwd"], "environment": kwargs["env"]}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.zygote)
            connection.sendall(json.dumps(wish).encode() + b"\n")
            answer = connection.recv(32)
        if not answer:
            raise ConnectionError("the process that kernels are copies of has died")
        copy = Copy(int(answer))
        self.process: Any = copy
        self.pid = self.pgid = copy.pid
        self.cwd = wish["folder"]
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        if self.pgid:  # a kernel that was killed has not ended what it had started
            with suppress(ProcessLookupError):
                os.killpg(self.pgid, signal.SIGKILL)
        await super().cleanup(restart)


@contextmanager
def zygote(
    modules: list[str], book: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[str]:
    """Within, a process that has loaded `modules` waits, at the address given, to be copied."""
    ours, its = socket.socketpair()
    with (
        TemporaryDirectory() as folder,
        ours,
        its,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = f"{folder}/zygote"
        listener.bind(address)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, ZYGOTE, str(listener.fileno()), *modules],
            stdin=its.fileno(),
            cwd=folder,  # where there is no matplotlibrc
            env=environment,
            pass_fds=[listener.fileno()],
        )
        its.close()  # when it ends, nobody waits for it any more
        listener.close()
        try:
            with ours.makefile() as told:
                refuse(told.readline(), book)
            yield address
        finally:
            process.kill()
            process.wait()


def refuse(loaded: str, book: Path) -> None:
    """Raise if the modules could not be loaded, or would be stale when their files change."""
    error, files = json.loads(loaded or '["the process that loads them has died", {}]')
    others = {path: name for name, path in files.items() if path and path != str(ZYGOTE)}
    beside = [name for path, name in others.items() if is_beside(path, book)]
    if beside and not error:
        error = f"{beside[0]} lies beside the book: no page would see it change"
    if error:
        raise ConfigError(f"cells_run_modules: {error}")


@contextmanager
def copies(modules: list[str], book: Path) -> Iterator[None]:
    """Within, every kernel of this Python is a copy of one process that has loaded `modules`.

    That is the process whose address the provisioner knows, or else one for this purpose.
    """
    factory = KernelProvisionerFactory.instance()
    usual, known = factory.default_provisioner_name, Provisioner.zygote
    with nullcontext(known) if known else zygote(modules, book) as address:
        Provisioner.zygote = address
        entry = EntryPoint("copy", f"{__name__}:Provisioner", factory.GROUP_NAME)
        factory.provisioners["copy"] = entry
        factory.default_provisioner_name = "copy"
        try:
            yield
        finally:
            factory.default_provisioner_name, Provisioner.zygote = usual, known
