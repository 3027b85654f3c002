"""`yibao`: every command of the product; each one's work is in a file of its own name."""

import typer

from yibao.commands import audit, dead, doctor, importing, provision, run, send, sla, up
from yibao.demo.command import demo

app = typer.Typer(no_args_is_help=True, add_completion=False, help="医保服务台: 启动, 演示, 检查与维护。")
app.command()(up.up)
app.command()(demo)
app.command()(send.send)
app.command("import")(importing.import_)
app.command()(doctor.doctor)
app.command()(provision.provision)
app.command()(audit.audit)
app.command()(run.run)
app.add_typer(dead.app, name="dead")
app.add_typer(sla.app, name="sla")
