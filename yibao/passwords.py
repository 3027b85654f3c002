"""The broker's users on this machine: a random password for each, and the server's file made of them.

Passwords stand in one file in the data directory that only its owner can read. They are made once; a user that is new
in the topology gets one when the server starts.
"""

import json
import os
from pathlib import Path
from secrets import token_urlsafe

from chassis.permissions import USERS, allowed

_FILE, _BYTES = "nats-users.json", 32


def passwords(data_dir: Path) -> dict[str, str]:
    """By user; none where this machine has never started or described a broker."""
    try:
        known: dict[str, str] = json.loads((data_dir / _FILE).read_text())
    except FileNotFoundError:
        return {}
    return known


def made(data_dir: Path) -> dict[str, str]:
    """The passwords of all users; those that are missing are made."""
    known = passwords(data_dir)
    if missing := [user for user in USERS if user not in known]:
        known |= {user: token_urlsafe(_BYTES) for user in missing}
        data_dir.mkdir(parents=True, exist_ok=True)
        write_private(data_dir / _FILE, json.dumps(known, indent=1))
    return known


def authorization(known: dict[str, str]) -> str:
    """The `authorization` of nats-server: who these are, and what each may do. Nobody else gets in."""
    users = [
        {"user": user, "password": known[user], "permissions": _permissions(user)} for user in USERS if user in known
    ]
    return f"authorization: {json.dumps({'users': users}, indent=1)}\n"


def written(folder: Path, known: dict[str, str]) -> list[Path]:
    """For containers: `users.conf` of the server, and for each user the environment that it connects with."""
    files = {"users.conf": authorization(known)} | {
        f"{user}.env": f"YIBAO_NATS_USER={user}\nYIBAO_NATS_PASSWORD={known[user]}\n" for user in USERS
    }
    for name, text in files.items():
        write_private(folder / name, text)
    return [folder / name for name in files]


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _permissions(user: str) -> dict[str, object]:
    may = allowed(user)
    return {
        "publish": {"allow": may.publish, "deny": may.never},
        "subscribe": {"allow": may.subscribe},
    }
