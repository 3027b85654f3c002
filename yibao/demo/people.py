"""The accounts of the demo's people, one of each role and more: all with one password, made on this machine and kept
beside the demo's files. Who has an account already keeps it as it is.
"""

from pathlib import Path
from typing import Final

from chassis.errors import Refused
from contracts.identity import Rights
from yibao.keeping import account_desk
from yibao.passwords import write_private
from yibao.settings import StackSettings

PEOPLE: Final = {
    "chen.jie": ("陈洁", Rights(role="lead")),
    "wang.fang": ("王芳", Rights(role="engineer")),
    "li.na": ("李娜", Rights(role="engineer")),
    "ma.jun": ("马军", Rights(role="engineer")),
    "zhao.lei": ("赵磊", Rights(role="engineer")),
    "zhou.min": ("周敏", Rights(role="officer")),
    "xu.qin": ("许琴", Rights(role="officer", districts=("620102",))),
    "2yuan-yibao": ("市第二人民医院医保办", Rights(role="hospital", institutions=("H62010290002",))),
    "anhe-yibao": ("安和骨科医院医保办", Rights(role="hospital", institutions=("H62010590011",))),
    "xian-yibao": ("县人民医院医保办", Rights(role="hospital", institutions=("H62012390001",))),
    "qian.shen": ("钱申", Rights(role="auditor")),
    "yun.wei": ("值班运维", Rights(role="ops")),
    "guan.li": ("管理员 (演示)", Rights(role="admin")),
}


async def seed(settings: StackSettings) -> str:
    """Opens those that are missing; the password of all."""
    password = _password(settings.data_dir / "demo" / "password")
    async with account_desk(settings) as desk:
        for account, (name, rights) in PEOPLE.items():
            try:
                await desk.open(account, name, rights, password=False)
            except Refused as error:
                if error.code != "exists":
                    raise
                continue
            await desk.set_password(account, password)
    return password


def _password(path: Path) -> str:
    from services.console.accounts.passwords import one_time

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, one_time())
    return path.read_text()
