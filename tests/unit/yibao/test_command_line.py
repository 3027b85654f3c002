"""The command line: every command is there, and `yibao up` carries nobody else's libraries."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from yibao.main import COMMANDS, built

WHAT_UP_LOADS = """import sys
sys.argv = ["yibao", "up", "--help"]
import yibao.main as m
try:
    m.app()
finally:
    print(sorted(sys.modules))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(built([name]), [name, "--help"])
    assert answer.exit_code == 0 and name in answer.output


def test_without_a_command_all_of_them_are_listed() -> None:
    listed = CliRunner().invoke(built([*COMMANDS]), ["--help"]).output
    assert all(f"│ {name} " in listed for name in COMMANDS)


def test_up_does_not_carry_what_other_commands_need() -> None:
    loaded = subprocess.run([sys.executable, "-c", WHAT_UP_LOADS], capture_output=True, text=True, check=True).stdout
    assert "'yibao.commands.up'" in loaded
    heavy = {"faststream", "httpx", "litestar", "nats", "pymongo", "yibao.commands.sla"}
    assert not [name for name in heavy if f"'{name}'" in loaded]
