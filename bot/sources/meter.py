"""How many bytes a request may take from the network, whatever they are.

A body's limit counts what a body says. What is no body (interim answers, the frames of tiny
chunks, TLS without content) comes without end as well, and costs as much.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Meter:
    """Counts down what a request may still take; filled again for the next one."""

    def __init__(self) -> None:
        self.left = 0
        self.refused = False

    def fill(self, left: int) -> None:
        """Allow so many bytes from here on."""
        self.left, self.refused = left, False

    def take(self, size: int) -> None:
        """Count what came; OSError where it is too much."""
        self.left -= size
        if self.left < 0:
            self.refused = True
            raise OSError("too much for one answer")


class MeteredSocket(socket.socket):
    """A socket whose incoming bytes are counted; both ways in which asyncio reads."""

    meter: Meter | None = None

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive and count."""
        data = super().recv(size, flags)
        if self.meter is not None:
            self.meter.take(len(data))
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive and count."""
        size = super().recv_into(buffer, nbytes, flags)
        if self.meter is not None:
            self.meter.take(size)
        return size
