"""What a person wrote in a mail, freed of what the mail program put around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.channels.mail.html import html_to_text
from services.intake.channels.mail.text import is_forwarded, plain_subject, written

OWN = "您好，2207 仍然超时。\n麻烦再看一下"
QUOTES = [
    '------------------ 原始邮件 ------------------\n发件人: "desk" <d@x>;',
    "-----Original Message-----\nFrom: desk",
    "---- 回复的原邮件 ----\n| 发件人 | desk |",
    "发件人： desk@yibao.example\n发送时间： 2026-11-22 09:30\n收件人： li\n主题： 答复",
    "________________________________\nFrom: Desk <d@x>\nSent: Sunday\nTo: li\nSubject: x",
    "On Sun, Nov 22, 2026 at 9:30 AM Desk <d@x> wrote:\n> 请重新签到",
    "On Sun, Nov 22, 2026 at 9:30 AM Desk <a.very.long.name@yibao.example>\nwrote:\n> x",
    '在 2026-11-22 09:30:00，"desk" <d@x> 写道：\n请重新签到',
    "医保服务台 <d@x> 于2026年11月22日周日 09:30写道：\n\n请重新签到",
    "> 请重新签到\n> 谢谢",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_the_answered_mail_is_cut(quote: str) -> None:
    assert written(f"{OWN}\n\n{quote}\n更早的内容" if not quote.startswith(">") else f"{OWN}\n{quote}") == OWN


@pytest.mark.parametrize(
    "signature", ["-- \n张三\n县医院信息科", "发自我的iPhone", "Sent from my HUAWEI", "获取 Outlook for Android"]
)
def test_the_signature_is_cut(signature: str) -> None:
    assert written(f"{OWN}\n\n{signature}\n") == OWN


@pytest.mark.parametrize(
    "text",
    [
        "报文如下\nfrom: HIS\n交易 2207 超时",
        "发件人: 是谁填的我们不知道",
        "我们在 2026-11-22 上传了月结，至今没有回复",
        "-- 这不是签名\n第二行",
        "> 只有引用",
    ],
)
def test_a_question_that_looks_like_a_quote_stays(text: str) -> None:
    assert written(text) == text


def test_answers_between_the_lines_of_a_quote_are_kept() -> None:
    assert written("> 问题一\n已处理\n> 问题二\n还不行") == "已处理\n还不行"


def test_what_a_forwarded_mail_quotes_is_the_question() -> None:
    text = f"请处理\n{QUOTES[0]}\n2207 报错"
    assert "2207 报错" in written(text, forwarded=is_forwarded("转发: 报错"))
    assert "2207 报错" not in written(text, forwarded=is_forwarded("回复: 转发"))


@pytest.mark.parametrize(
    "subject", ["Re: 结算", "RE：Re: 结算", "回复：回复: 结算", "答复: Fwd: 结算", "Re[2]: 结算", "结算"]
)
def test_a_subject_is_plain(subject: str) -> None:
    assert plain_subject(subject) == "结算"


@given(
    st.lists(st.sampled_from([*QUOTES, OWN, "-- ", "发自我的iPhone", ">", ""]), max_size=6).map("\n".join) | st.text()
)
def test_cutting_never_leaves_nothing_and_invents_nothing(text: str) -> None:
    found = written(text)
    assert bool(found) == bool(text.strip())
    lines = {line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")}
    assert all(line.strip() in lines for line in found.split("\n") if line.strip())


@given(st.text(alphabet=st.sampled_from("<>/!-[]&;#pdivblockquotexscript=\"' \n人"), max_size=300))
def test_any_markup_gives_text(html: str) -> None:
    assert html_to_text(html) == html_to_text(html).strip()


def test_a_page_without_its_quote() -> None:
    page = (
        "<html><head><title>t</title></head><body><pre>a\n  b</pre><table><tr><td>1</td><td>2</td></tr></table>"
        '<div class="gmail_quote">旧<div>内</div></div>尾<script>x</script><br>完</body></html>'
    )
    assert html_to_text(page) == "a\nb\n\n1 2\n\n尾\n完"
    assert "旧" in html_to_text(page, keep_quotes=True)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("金额<100 且 a &lt; b", "金额<100 且 a < b"),
        ("<!--[if mso]><p>隐</p><![endif]-->见<![if !mso]>图", "见图"),
        ("<style>没有结束", ""),
        ("完<a href=", "完<a href="),
        ("<SCRIPT>1<2</SCRIPT>好", "好"),
        ("<p>一<p>二", "一\n二"),
        ("<BLOCKQUOTE TYPE='cite'>旧</BLOCKQUOTE>新", "新"),
        ("<blockquote>引用的政策</blockquote>", "引用的政策"),
    ],
)
def test_broken_pages_keep_their_words(page: str, text: str) -> None:
    assert html_to_text(page) == text
