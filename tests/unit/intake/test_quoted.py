"""What a message says itself is told apart from what it quotes, in the ways of the channels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.clean import fingerprint_of, text_of
from services.intake.text.plain import title
from services.intake.text.quoted import said, unquote
from tests.support.make import message

WECHAT = "「张三：2207报错\n怎么办」\n- - - - - - - - - - - - - - -\n"


@pytest.mark.parametrize(
    ("text", "quoted", "rest"),
    [
        (WECHAT + "重新刷一下", "张三：2207报错\n怎么办", "重新刷一下"),
        ("「李四：好」\n————————\n收到", "李四：好", "收到"),
        ("[回复 李四：原话]已处理", "李四：原话", "已处理"),
        ("[回复]已处理", "", "已处理"),
        ("[引用：4101上传失败] 我们也是", "4101上传失败", "我们也是"),
        ("[CQ:reply,id=123]已处理", "id=123", "已处理"),
        ("> 第一行\n> 第二行\n\n收到", "第一行\n第二行", "收到"),
        ("收到，照办\n> 第一行", "第一行", "收到，照办"),
        ("已办理\n------原始邮件------\n发件人：信息科\n2207报错", "发件人：信息科\n2207报错", "已办理"),
        ("已办理\n在 2026年11月3日，信息科 写道：\n2207报错", "2207报错", "已办理"),
    ],
)
def test_a_quote_is_split_off(text: str, quoted: str, rest: str) -> None:
    assert unquote(text) == (quoted, rest)


@pytest.mark.parametrize(
    "text",
    [
        "2207报错",
        "「入院科别」未填写",
        "【入院科别】未填写",
        WECHAT,
        "> 只有引用",
        "[回复]",
        "",
        "「a」\n下一行",
        "<a>\n<b>",
    ],
)
def test_a_text_without_quote_or_with_nothing_else_stays_whole(text: str) -> None:
    assert unquote(text) == ("", text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2207报错[微笑][图片]", "2207报错"),
        ("[图片]", "[图片]"),
        ("[捂脸]谢谢[抱拳]", "谢谢"),
        ("[入院科别]未填写", "[入院科别]未填写"),
        (WECHAT + "知道了[OK]", "知道了"),
    ],
)
def test_stickers_and_placeholders_are_not_said_but_bracketed_terms_are(text: str, words: str) -> None:
    assert said(text) == words


@given(st.text(st.sampled_from("「」\n- >[]回复图片微笑张三：写道在2026年ab"), max_size=60))
def test_splitting_invents_nothing_and_leaves_something(text: str) -> None:
    quoted, rest = unquote(text)
    assert rest == text or rest.strip()
    assert set(quoted) | set(rest) <= set(text)
    assert bool(said(text)) == bool(text)


def test_the_title_is_taken_from_the_answer_and_not_from_the_quote() -> None:
    assert title(WECHAT + "重新刷一下还是不行[流泪]") == "重新刷一下还是不行"


def _print(text: str, **more: Any) -> str:
    said_ = message(text=text, **more)
    return fingerprint_of(said_, text_of(said_))


def test_the_same_words_with_and_without_a_quote_are_the_same_message() -> None:
    words = "窗口还是无法结算，所有患者都在排队等待处理"
    assert _print(words) == _print(WECHAT + words) == _print(words + "[流泪][图片]")


def test_a_short_answer_to_another_quote_is_another_message() -> None:
    other = WECHAT.replace("2207", "4101")
    assert _print(WECHAT + "这个怎么处理") != _print(other + "这个怎么处理")
    assert _print("怎么处理", quote={"message_id": "m1"}) != _print("怎么处理", quote={"message_id": "m2"})
    assert _print("怎么处理", quote={"text": "2207"}) != _print("怎么处理", quote={"text": "4101"})


def test_a_text_of_many_brackets_is_read_in_one_pass_and_kept() -> None:
    text = "「" * 20_000
    assert unquote(text) == ("", text)
    assert said("[" * 20_000) == "[" * 20_000
