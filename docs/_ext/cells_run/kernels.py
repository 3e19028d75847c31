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
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

ZYGOTE = Path(__file__).with_name("zygote.py")
USED = "__import__('sys').modules['Used'].told()"  # what a copy answers with what it has used
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
        # Two kernels that start at once may choose the same port, but not the same file.
        manager: Any = self.parent
        manager.transport = "ipc"
        manager.ip = str(Path(self.zygote).with_name(self.kernel_id))
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        # A kernel of another language, or of another Python, is no copy of this one.
        if cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
            return await super().launch_kernel(cmd, **kwargs)
        wish = {"arguments": cmd[3:], "folder": kwargs["cwd"], "environment": kwargs["env"]}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.zygote)
            connection.sendall(json.dumps(wish).encode() + b"\n")
            copy = Copy(int(connection.recv(32)))
        self.process: Any = copy
        self.pid = self.pgid = copy.pid
        self.cwd = wish["folder"]
        return self.connection_info


@contextmanager
def copies(modules: list[str]) -> Iterator[None]:
    """Within, every kernel of this Python starts as a copy of one process with `modules`."""
    factory = KernelProvisionerFactory.instance()
    usual = factory.default_provisioner_name
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Provisioner.zygote = f"{folder}/zygote"
        listener.bind(Provisioner.zygote)
        listener.listen()
        zygote = subprocess.Popen(
            [sys.executable, ZYGOTE, str(listener.fileno()), *modules],
            stdin=subprocess.PIPE,
            cwd=folder,  # where there is no matplotlibrc
            pass_fds=[listener.fileno()],
        )
        entry = EntryPoint("copy", f"{__name__}:Provisioner", factory.GROUP_NAME)
        factory.provisioners["copy"] = entry
        factory.default_provisioner_name = "copy"
        try:
            yield
        finally:
            factory.default_provisioner_name = usual
            zygote.kill()
            zygote.communicate()
