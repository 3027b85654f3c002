"""One folder of an IMAP mailbox, as blocking calls for one thread of its own."""

import contextlib
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from services.intake.channels.mail.settings import ImapServer

TIMEOUT_S = 20.0
LARGEST = 50 * 1024 * 1024
_BEGINNING = 256 * 1024  # of a mail that is larger

# What the connection, the server or the network may do; imaplib's own errors are IMAPClientError.
TROUBLE = (IMAPClientError, OSError, EOFError)


class Folder(NamedTuple):
    """`validity` changes when the server has numbered all mails anew; `newest` is the highest number so far."""

    validity: int
    newest: int


class Fetched(NamedTuple):
    raw: bytes
    received_at: datetime
    complete: bool


class ImapFolder:
    """A connection. All methods raise one of TROUBLE; then it has to be closed and a new one made."""

    def __init__(self, settings: ImapServer) -> None:
        self._settings = settings
        self._client: IMAPClient | None = None

    def open(self) -> Folder:
        s = self._settings
        context = None if s.tls == "none" else s.context()
        client = self._client = IMAPClient(
            s.host, s.port, ssl=s.tls == "implicit", ssl_context=context, timeout=TIMEOUT_S
        )
        if s.tls == "starttls":
            client.starttls(context)
        client.login(s.user, s.password.get_secret_value())
        if client.has_capability("ID"):
            # Some providers (163, 126) refuse to open a folder for a program that has not said its name.
            client.id_({"name": "yibao-desk"})
        client.normalise_times = False
        selected: dict[bytes, Any] = client.select_folder(s.folder)
        return Folder(int(selected[b"UIDVALIDITY"]), int(selected.get(b"UIDNEXT") or 1) - 1)

    def uids_after(self, uid: int) -> list[int]:
        """Mails that came after this one, oldest first. A range that ends in * always names the newest: left out."""
        return sorted(u for u in self._connected.search(["UID", f"{uid + 1}:*"]) if u > uid)

    def uids_since(self, day: date) -> list[int]:
        return sorted(self._connected.search(["SINCE", day]))

    def fetch(self, uid: int) -> Fetched | None:
        """The mail, None when it is gone. Of one that is too large only the beginning."""
        facts = self._connected.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
        if facts is None:
            return None
        complete = int(facts[b"RFC822.SIZE"]) <= LARGEST
        what, key = ("BODY.PEEK[]", b"BODY[]") if complete else (f"BODY.PEEK[]<0.{_BEGINNING}>", b"BODY[]<0>")
        body = self._connected.fetch([uid], [what]).get(uid, {}).get(key)
        return None if body is None else Fetched(body, _aware(facts.get(b"INTERNALDATE")), complete)

    def mark(self, uid: int, flag: bytes) -> None:
        self._connected.add_flags([uid], [flag], silent=True)

    @property
    def tells(self) -> bool:
        """Whether the server says by itself when a mail comes (IDLE)."""
        return bool(self._connected.has_capability("IDLE"))

    def listen(self) -> None:
        self._connected.idle()

    def heard(self, within_s: float) -> bool:
        """Whether anything happened in the folder."""
        return bool(self._connected.idle_check(timeout=within_s))

    def stop_listening(self) -> None:
        self._connected.idle_done()

    def close(self) -> None:
        """From any thread: a call that waits for the server ends with an error."""
        if (client := self._client) is not None:
            self._client = None
            with contextlib.suppress(*TROUBLE, AttributeError):
                client.shutdown()

    @property
    def _connected(self) -> IMAPClient:
        if self._client is None:
            raise ConnectionError("closed")
        return self._client


def _aware(at: Any) -> datetime:
    if not isinstance(at, datetime):
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
