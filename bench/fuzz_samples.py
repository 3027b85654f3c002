"""Sound samples of everything that strangers send, from which the fuzzer starts."""

import io
import json
from typing import Any

from openpyxl import Workbook


def as_json(value: Any) -> bytes:
    """`value` as it comes over HTTP."""
    return json.dumps(value, ensure_ascii=False).encode()


def workbook() -> bytes:
    """An XLSX with one row."""
    book = Workbook()
    for row in (("时间", "联系人", "内容"), ("2026-11-20 09:30", "李工", "门诊结算失败")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


XML = ("<xml><ToUserName>ww1</ToUserName><FromUserName>u</FromUserName><CreateTime>1795327200</CreateTime><MsgType>{}"
        "</MsgType><MsgId>7</MsgId><AgentID>1</AgentID>{}</xml>").format  # fmt: skip
CALL = {"call_id": "c", "event": "hangup", "at": 1795327200, "caller": "1", "rang_at": 1795327190, "text": "x"}
QQ = {"time": 1795327200, "self_id": 1, "post_type": "message", "message_type": "group", "message_id": 2,
       "group_id": 3, "user_id": 4, "sender": {"card": "n"}, "message": [{"type": "text", "data": {"text": "2207"}},
       {"type": "image", "data": {"url": "http://x", "file_size": "1"}},
       {"type": "reply", "data": {"id": "9"}}]}  # fmt: skip
ROBOT = {"msgid": "1", "chatid": "r", "chattype": "group", "from": {"userid": "u"}, "msgtype": "mixed", "mixed":
          {"msg_item": [{"msgtype": "text", "text": {"content": "x"}}, {"msgtype": "image", "image": {"url": "u"}}]},
          "quote": {"msgtype": "text", "text": {"content": "y"}}, "response_url": "https://x"}  # fmt: skip
RECORD = {"msgid": "1", "action": "send", "from": "u", "tolist": ["v"], "roomid": "r", "msgtime": 1795327200123,
           "msgtype": "mixed", "mixed": {"item": [{"type": "text", "content": '{"content":"x"}'}]}}  # fmt: skip
KF = {"next_cursor": "d", "has_more": 1, "msg_list": [
    {"msgid": "1", "open_kfid": "k", "external_userid": "w", "send_time": 1795327200, "origin": 3, "msgtype": "text",
     "text": {"content": "x"}}]}  # fmt: skip
VISIT = {"place": "p", "whom": "w", "arrived_at": "2026-11-22T10:00:00+08:00", "left_at": 1795327200, "text": "t"}
MAIL = ("From: =?gb2312?B?wO4=?= <li@x.cn>\r\nTo: d@y.cn\r\nSubject: =?utf-8?Q?=E7=BB=93?=\r\nMessage-ID: <m@x>\r\n"
         "References: <a@x> <b@x>\r\nDate: Sun, 22 Nov 2026 09:30:00 +0800\r\nContent-Type: multipart/mixed; "
         'boundary="XX"\r\n\r\n--XX\r\nContent-Type: text/html; charset=gbk\r\n\r\n<p>hello<blockquote>q</blockquote>'
         "\r\n--XX\r\nContent-Type: application/ms-tnef\r\nContent-Disposition: attachment; filename*=utf-8''a%20b"
         "\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgEA\r\n--XX--\r\n")  # fmt: skip
TNEF = bytes.fromhex("789f3e22010002029006000e000000" + "00" * 16 + "020f800600030000006162632601")
TEXTS = ('{"infno":"2207","msgid":"H620102001232026112210300000010001","input":{"psn_no":"62010000000001"}}',
          "「张工：2207 报错」\n- - - -\n患者张三 身份证620102199003074514 电话13893123456",
          "> 引用\n回复 ￥12.50 2026-11-22",
          "2026-11-22 10:00:00 ERROR 错误代码:E0704 <infno>2207</infno>")  # fmt: skip
LINES = (
    "时间,联系人,内容\n2026-11-20 09:30,李工,门诊结算失败\n11月20日,,x\n",
    '日期\t姓名\t问题\r\n2026/11/20\t"a\tb"\t=1+1',
)
