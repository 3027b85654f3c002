"""Desktop notifications in a real Firefox: the console subscribes, our transport sends, the worker shows it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notify.providers.config import load
from services.notify.providers.kinds import WebPush as Configured
from services.notify.transports.port import Letter
from services.notify.transports.web_push import WebPush, public_key
from tests.support.autopush import Autopush, autopush
from tests.support.console import PASSWORD, console_in
from tests.support.desk import Desk
from tests.support.firefox import EXECUTABLE, Firefox, firefox_in
from tests.support.wait import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="firefox-esr is not installed"),
]
SHOWN = """navigator.serviceWorker.getRegistration('/').then(r => r.getNotifications())
    .then(all => all.map(n => ({title: n.title, body: n.body, tag: n.tag, data: n.data})))"""
ALERT = UUID(int=7)


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of providers with one for browsers, whose push service is on loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    browser = {
        "kind": "web_push", "private_key": pem, "subject": "mailto:desk@example.org", "hosts": ["127.0.0.1"],
    }  # fmt: skip
    path = tmp_path_factory.mktemp("providers") / "providers.yaml"
    path.write_text(json.dumps({"providers": {"browser": browser}}))  # JSON is YAML
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def push() -> AsyncIterator[Autopush]:
    async with autopush() as push:
        yield push


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, providers: Path) -> AsyncIterator[Desk]:
    async with console_in(
        tmp_path_factory.mktemp("push"), "notify", "console", YIBAO_NOTIFY_PROVIDERS=str(providers)
    ) as desk:  # fmt: skip
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def firefox(tmp_path_factory: pytest.TempPathFactory, push: Autopush) -> AsyncIterator[Firefox]:
    async with firefox_in(tmp_path_factory.mktemp("firefox"), push.server_url) as browser:
        yield browser


def configured(providers: Path) -> Configured:
    config = load(providers)["browser"]
    assert isinstance(config, Configured)
    return config


def letter(address: str, n: int = 1, title: str = "首次响应超时 YB-0001") -> Letter:
    return Letter(
        id=f"{ALERT}-{n}", alert_id=str(ALERT), recipient="staff:wang", address=address, urgency="urgent",
        title=title, body="还没有人知悉, 请处理。", link="http://127.0.0.1/l/abc",
    )  # fmt: skip


async def sign_in(desk: Desk, firefox: Firefox) -> None:
    """By the form, as a person does."""
    await firefox.open(desk.url("console", "/sign-in"))
    for name, words in (("account", "wang.fang"), ("password", PASSWORD)):
        await firefox.run(f"document.querySelector('[name={name}]').value = '{words}'")
    await firefox.run("document.querySelector('form').requestSubmit()")
    await firefox.sees("he is in", "location.pathname === '/' && document.readyState === 'complete'")


async def test_the_page_subscribes_and_a_pushed_alert_is_decrypted_and_shown(
    desk: Desk, firefox: Firefox, push: Autopush, providers: Path
) -> None:
    config = configured(providers)
    key = await desk.get("notify", "/inbox/push-key")
    assert key == {"provider": "browser", "key": public_key(config)}
    await sign_in(desk, firefox)
    await firefox.open(desk.url("console", "/inbox/settings"))
    await firefox.run("document.querySelector('#push').click()")
    await firefox.sees("it is subscribed", "document.querySelector('#push').textContent.includes('桌面通知已打开')")
    subscription = await firefox.run(
        "navigator.serviceWorker.ready.then(r => r.pushManager.getSubscription()).then(s => s.toJSON())"
    )
    assert subscription["endpoint"].startswith(push.endpoint_url)
    async with httpx.AsyncClient(trust_env=False) as http:
        await WebPush(config, http).send(letter(json.dumps(subscription)))
    [shown] = await firefox.sees("the notification is shown", f"{SHOWN}.then(all => all.length && all)")
    assert "首次响应超时 YB-0001" in shown["title"] and "还没有人知悉" in shown["body"]
    assert (shown["tag"], shown["data"]) == (str(ALERT), {"link": "http://127.0.0.1/l/abc"})

    async def acknowledged() -> dict[str, int]:
        return push.acknowledged

    assert set((await until("the browser has acknowledged it", acknowledged)).values()) == {100}
    assert "首次响应" not in push.posted[0].body.decode("latin-1"), "the push service cannot read it"


async def test_an_alert_that_is_pushed_again_replaces_its_notification(
    firefox: Firefox, push: Autopush, providers: Path
) -> None:
    subscription = await firefox.run(
        "navigator.serviceWorker.ready.then(r => r.pushManager.getSubscription()).then(s => s.toJSON())"
    )
    async with httpx.AsyncClient(trust_env=False) as http:
        await WebPush(configured(providers), http).send(letter(json.dumps(subscription), 2, "首次响应超时 (2 次)"))
    titles = f"{SHOWN}.then(all => all.map(n => n.title))"
    await firefox.sees("the new words", f"{titles}.then(all => all.some(t => t.includes('2 次')))")
    assert len(await firefox.run(titles)) == 1


async def test_a_test_notification_goes_all_the_way_from_the_settings_to_the_screen(
    desk: Desk, firefox: Firefox
) -> None:
    answer = await desk.http.post(
        desk.url("notify", "/recipients/staff:wang.fang/test"),
        headers={"X-Yibao-Staff": "wang.fang"},
        json={"provider": "browser"},
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    words = f"{SHOWN}.then(all => all.map(n => n.title + n.body))"
    await firefox.sees("it is shown", f"{words}.then(all => all.some(t => t.includes('测试通知')))")


async def test_the_subscription_is_kept_sealed(desk: Desk, push: Autopush) -> None:
    shown = await desk.http.get(desk.url("notify", "/settings/recipients/staff:wang.fang"))
    assert shown.status_code == httpx.codes.OK and "browser" in shown.text
    [channel] = push.keys
    stored = str(await desk.documents("settings")) + str(await desk.stream("SETTING")) + shown.text
    assert channel not in stored
