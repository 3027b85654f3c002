"""Who acts when somebody acts by a message instead of signing in: the recipient whom the message was for. Pure."""

from contracts.envelope import Actor

_STAFF = "staff:"


def actor_for(recipient: str) -> Actor:
    """`staff:wang` is the colleague wang; everybody else acts under the key of the recipient: a contact, a group."""
    if recipient.startswith(_STAFF) and recipient != _STAFF:
        return Actor(kind="staff", id=recipient.removeprefix(_STAFF))
    return Actor(kind="staff" if ":" not in recipient else "requester", id=recipient)
