"""Accounts, put together: their loop, and who acts on them."""

from typing import cast

from litestar.datastructures import State

from chassis.access import actor_of
from chassis.aggregate import Folded
from chassis.asking import AnyRequest
from chassis.auditing import address_of
from chassis.service import Service
from contracts.envelope import Actor
from services.console.accounts.desk import AccountDesk
from services.console.accounts.fold import fold
from services.console.accounts.store import Accounts


async def start_accounts(service: Service) -> None:
    accounts = service.state["accounts"] = Accounts(service.db)
    service.listen(Folded(fold), accounts, part="identity")


def accounts_of(state: State) -> Accounts:
    return cast(Accounts, state.service.state["accounts"])


def account_desk(request: AnyRequest, actor: Actor | None = None) -> AccountDesk:
    """What whoever asks, or `actor`, may wish for."""
    commands = request.app.state.service.commands
    return AccountDesk(commands, actor or actor_of(request), address_of(request))
