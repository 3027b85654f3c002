"""A time limit for a conversation over a blocking connection, which a socket's own time-out is not."""

import os
import socket
import threading
from contextlib import suppress


class Deadline:
    """Ends a conversation that another thread has, whatever it waits for: time-outs of sockets begin anew with each
    byte, so that a server may take for ever.
    """

    def __init__(self) -> None:
        self._lock, self._over = threading.Lock(), False
        self._watched: socket.socket | None = None

    def watch(self, connection: socket.socket) -> None:
        """From now on this connection, also under the TLS that it may get. Raises TimeoutError once it is over."""
        self.forget()
        with self._lock:
            if self._over:
                raise TimeoutError
            self._watched = socket.socket(fileno=os.dup(connection.fileno()))

    def forget(self) -> None:
        with self._lock:
            watched, self._watched = self._watched, None
        if watched is not None:
            watched.close()

    def pass_by(self) -> None:
        """It is over: who waits for the server hears that the connection is gone."""
        with self._lock:
            self._over = True
            if self._watched is not None:
                with suppress(OSError):
                    self._watched.shutdown(socket.SHUT_RDWR)
