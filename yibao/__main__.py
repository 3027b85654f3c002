"""`python -m yibao`."""

from yibao.main import app

app()
