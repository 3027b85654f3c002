"""WeCom's side: the robot of a group, and messages of an application with its access token."""

import itertools
from dataclasses import dataclass, field

from tests.support.providers.core import Answer, Json, Limit, Request, Taken, Vendor

ROBOT_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
CORP, AGENT, SECRET = "ww-corp", 1000002, "wecom-app-secret"
OK = {"errcode": 0, "errmsg": "ok"}


def _wrong(code: int, words: str) -> Answer:
    return Answer(200, {"errcode": code, "errmsg": words})


@dataclass
class WecomRobot(Vendor):
    """`POST /cgi-bin/webhook/send?key=`; text up to 2048 bytes, markdown up to 4096."""

    prefixes: tuple[str, ...] = ("/cgi-bin/webhook/send",)

    def answer(self, request: Request) -> Answer:
        if request.query.get("key") != ROBOT_KEY:
            return _wrong(93000, "invalid webhook url")
        kind = request.json.get("msgtype")
        if request.method != "POST" or kind not in ("text", "markdown"):
            return _wrong(40008, "invalid message type")
        content = request.json.get(kind, {}).get("content", "")
        if not content:
            return _wrong(44004, "empty content")
        if len(content.encode()) > (2048 if kind == "text" else 4096):
            return _wrong(40058, "content exceed max length")
        if self.is_over():
            return _wrong(45009, "api freq out of limit")
        self.taken.append(Taken("group", content, request.json))
        return Answer(200, OK)


@dataclass
class WecomApp(Vendor):
    """`/cgi-bin/gettoken` and `/cgi-bin/message/send`. `users` are the members that the application may reach; of
    more than `per_member` messages a minute for one of them the rest is `dropped`, and no error says so.
    """

    prefixes: tuple[str, ...] = ("/cgi-bin/gettoken", "/cgi-bin/message/send")
    users: set[str] = field(default_factory=lambda: {"zhang", "wang"})
    tokens: int = 0
    per_member: int = 30
    dropped: int = 0
    token: str = ""
    _members: dict[str, Limit] = field(default_factory=dict)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def expire(self) -> None:
        """The token that is out there is good no longer."""
        self.token = ""

    def answer(self, request: Request) -> Answer:
        return self._token(request) if request.path.endswith("gettoken") else self._send(request)

    def _token(self, request: Request) -> Answer:
        if request.query.get("corpid") != CORP:
            return _wrong(40013, "invalid corpid")
        if request.query.get("corpsecret") != SECRET:
            return _wrong(40001, "invalid credential")
        self.tokens += 1
        self.token = f"token-{self.tokens}"
        return Answer(200, {**OK, "access_token": self.token, "expires_in": 7200})

    def _send(self, request: Request) -> Answer:
        if not self.token or request.query.get("access_token") != self.token:
            return _wrong(42001, "access_token expired")
        if self.is_over():
            return _wrong(45009, "reach max api daily quota limit")
        if problem := _problem(request.json):
            return problem
        return self._given(request.json)

    def _given(self, message: Json) -> Answer:
        to = str(message.get("touser", "")).split("|")
        unknown = [user for user in to if user not in self.users]
        if len(unknown) == len(to):
            return _wrong(81013, "user & party & tag all invalid")
        for user in set(to) - set(unknown):
            if self._members.setdefault(user, Limit(self.per_member, 60)).is_over():
                self.dropped += 1
            else:
                self.taken.append(Taken(user, _words(message), message))
        return Answer(200, {**OK, "invaliduser": "|".join(unknown), "msgid": f"msg-{next(self._ids)}"})


def _words(message: Json) -> str:
    if message["msgtype"] == "textcard":
        return f"{message['textcard']['title']}\n{message['textcard']['description']}"
    return str(message[message["msgtype"]]["content"])


def _problem(message: Json) -> Answer | None:
    kind = message.get("msgtype")
    if message.get("agentid") != AGENT:
        return _wrong(301002, "not allow operate another agent with this accesstoken")
    if kind == "textcard":
        card = message.get("textcard", {})
        if not all(card.get(key) for key in ("title", "description", "url")):
            return _wrong(41016, "missing title, description or url")
        return _wrong(45002, "too long") if len(card["title"]) > 128 or len(card["description"]) > 512 else None
    if kind not in ("text", "markdown"):
        return _wrong(40008, "invalid message type")
    return _wrong(45002, "too long") if len(message[kind]["content"].encode()) > 2048 else None
