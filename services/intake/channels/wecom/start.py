"""WeChat customer service, put together: who fetches, and how often it looks for what is announced."""

from chassis.service import Service
from services.intake.channels.hub import Hub
from services.intake.channels.wecom.access import Access
from services.intake.channels.wecom.pull import Pull

OFTEN_S = 1.0


def customer_service(service: Service, hub: Hub) -> Pull:
    """The one of this service; fetching begins with the first call, at the start where `corp_secret` is set."""
    pull: Pull | None = service.state.get("kf")
    if pull is None:
        assert hub.wecom is not None
        access = Access(hub.http, hub.wecom.api_url, hub.wecom.corp_id, hub.wecom.corp_secret.get_secret_value())
        pull = service.state["kf"] = Pull(access, service.db, hub.take)
        service.every(OFTEN_S, "customer service", pull.fetch)
    return pull
