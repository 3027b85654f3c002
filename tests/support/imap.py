"""A real IMAP server (dovecot) on a free loopback port, with a certificate of its own; ended by its pid."""

import getpass
import grp
import os
import pwd
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from tests.support.wait import until
from yibao.process import Process

PASSWORD = "not-a-secret"
_PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin") or ""
needs_dovecot = pytest.mark.skipif(not _PROGRAM, reason="dovecot is not installed: apt-get install dovecot-imapd")

_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = /dev/stderr
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
ssl = required
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = yes
mail_location = maildir:{home}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class ImapServer(NamedTuple):
    """`home` holds the certificate `cert.pem` and every user's mail."""

    port: int
    tls_port: int
    home: Path
    process: Process

    async def answers(self) -> None:
        """Returns when mail programs can connect."""

        async def look() -> bool:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.tls_port), timeout=1):
                return True
            return False

        await until(f"dovecot answers ({self.process.last_words()})", look)

    def client(self, user: str) -> IMAPClient:
        """A mail program of this user."""
        client = IMAPClient("127.0.0.1", self.tls_port, ssl=True, ssl_context=context(self.home / "cert.pem"))
        client.login(user, PASSWORD)
        return client

    def deliver(self, user: str, *mails: bytes) -> None:
        with self.client(user) as client:
            for mail in mails:
                client.append("INBOX", mail)

    def flags(self, user: str) -> list[set[bytes]]:
        """The flags of all mails, oldest first."""
        with self.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search("ALL"), ["FLAGS"])
            return [set(found[uid][b"FLAGS"]) - {b"\\Recent"} for uid in sorted(found)]

    def number_anew(self, user: str) -> None:
        """What a restored mailbox does: the same mails under new numbers and a new UIDVALIDITY."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            with suppress(FileNotFoundError):
                (self.home / "mail" / user / name).unlink()


def context(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@asynccontextmanager
async def imap_server(log: Path) -> AsyncIterator[ImapServer]:
    """Running between start and end; any user may sign in with PASSWORD."""
    # Not under pytest's directory, which only its owner may enter: mail is another user's where tests run as root.
    home = Path(tempfile.mkdtemp(prefix="yibao-imap-"))
    server = await _start(home, log)
    try:
        yield server
    finally:
        await server.process.stop(within_s=5)
        shutil.rmtree(home, ignore_errors=True)


async def _start(home: Path, log: Path) -> ImapServer:
    home.chmod(0o755)
    owner = pwd.getpwnam("nobody" if os.getuid() == 0 else getpass.getuser())
    (home / "mail").mkdir()
    os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
    certify(home)
    port, tls_port = _free_ports()
    root = os.getuid() == 0
    config = _CONFIG.format(
        home=home, port=port, tls_port=tls_port, password=PASSWORD, uid=owner.pw_uid, gid=owner.pw_gid,
        login_user="dovenull" if root else owner.pw_name,
        internal_user="dovecot" if root else owner.pw_name,
        internal_group="dovecot" if root else grp.getgrgid(owner.pw_gid).gr_name,
    )  # fmt: skip
    (home / "dovecot.conf").write_text(config)
    process = Process("dovecot", [_PROGRAM, "-F", "-c", str(home / "dovecot.conf")], log, dict(os.environ))
    await process.start()
    server = ImapServer(port, tls_port, home, process)
    await server.answers()
    return server


def certify(home: Path) -> None:
    """A certificate for 127.0.0.1 that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (home / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "key.pem").write_bytes(pem)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
