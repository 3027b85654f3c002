"""`yibao`: every command of the product; each one's work is in a file of its own name."""

import sys
from importlib import import_module

import typer

COMMANDS = {
    "up": "yibao.commands.up:up",
    "demo": "yibao.demo.command:demo",
    "send": "yibao.commands.send:send",
    "import": "yibao.commands.importing:import_",
    "doctor": "yibao.commands.doctor:doctor",
    "provision": "yibao.commands.provision:provision",
    "audit": "yibao.commands.audit:audit",
    "run": "yibao.commands.run:run",
    "dead": "yibao.commands.dead:app",
    "sla": "yibao.commands.sla:app",
    "notify": "yibao.commands.notify:app",
    "knowledge": "yibao.commands.knowledge:app",
    "stats": "yibao.commands.stats:app",
    "token": "yibao.commands.token:token",
    "account": "yibao.commands.account:app",
}


def app() -> None:
    """Run the command that is asked for.

    Only its own modules are loaded: `yibao up` stays as long as the desk runs, and the others' libraries are 15 MB.
    """
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    built([asked] if asked in COMMANDS else [*COMMANDS])()


def built(names: list[str]) -> typer.Typer:
    """The command line with these commands."""
    line = typer.Typer(no_args_is_help=True, add_completion=False, help="医保服务台: 启动, 演示, 检查与维护。")
    line.callback()(lambda: None)  # also with one command its name has to be given
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            line.add_typer(command, name=name)
        else:
            line.command(name)(command)
    return line
