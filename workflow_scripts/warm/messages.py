"""What the client and the server of warm starts say to each other; imports next to nothing, as every job pays for it.

A connection carries one job. The client sends the length of a packed ``Request`` together with ``STREAMS`` descriptors,
then the request. The answer is ``COLD``, or ``WARM`` together with a descriptor of the job's process (pidfd), and later
the job's wait status (STATUS_BYTES, native order). Who closes without an answer has run nothing. Who closes without a
wait status was killed, and the kernel kills the job after it.
"""

import os
import socket
import sys

# Names the server to the jobs of its workflow: an address in the abstract namespace, which leaves no file behind, is
# bound to no path of at most 107 bytes, and cannot be reached where another network namespace is another machine.
ADDRESS_VARIABLE = "WARM_SERVER"
# Names the server's log, for what happens when the server is gone.
LOG_VARIABLE = "WARM_SERVER_LOG"
LENGTH_BYTES = 4
STATUS_BYTES = 4
COLD, WARM = b"C", b"W"
# Standard input, output and error, and the working directory.
STREAMS = 4


class Request:
    """The start of one process: ``python -m module arguments`` by an interpreter, in an environment, with a umask."""

    def __init__(
        self, executable: str, umask: int, module: str, arguments: list[str], environment: dict[str, str]
    ) -> None:
        self.executable, self.umask, self.module = executable, umask, module
        self.arguments, self.environment = arguments, environment

    def pack(self) -> bytes:
        """The request as bytes: no argument and no variable of a process can hold a NUL, which stands between them."""
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        head = [self.executable, str(self.umask), self.module, str(len(self.arguments))]
        return "\0".join([*head, *self.arguments, *variables]).encode("utf-8", "surrogateescape")

    @classmethod
    def unpack(cls, packed: bytes) -> "Request":
        """The request that ``pack`` packed."""
        executable, umask, module, count, *rest = packed.decode("utf-8", "surrogateescape").split("\0")
        arguments, variables = rest[: int(count)], rest[int(count) :]
        environment = {name: value for name, _, value in (variable.partition("=") for variable in variables)}
        return cls(executable, int(umask), module, arguments, environment)


def address_of(name: str) -> str:
    """The address in the abstract namespace for a name."""
    return f"\0{name}"


def same_user(connection: socket.socket) -> bool:
    """Whether the other end belongs to this process's user: an abstract address has no owner and no permissions."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


def receive(connection: socket.socket, length: int) -> bytes:
    """Exactly ``length`` bytes, or fewer where the other end closed before."""
    received = b""
    while len(received) < length and (part := connection.recv(length - len(received))):
        received += part
    return received
