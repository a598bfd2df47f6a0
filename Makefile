# On any POSIX system with make and Python 3.11 or newer:
#   make report   sets up .venv, makes the report of each bundled client, prints its path last
#   make test     sets up .venv, runs the checks that take minutes
#   make check    these and the slow ones, which start kernels, JupyterLab and whole runs
#   make bench    sets up .venv, measures speed beside other libraries, writes and draws benchmarks.json
#   make fuzz     tries exports written in any way until it is stopped, keeps what is read wrongly
#   make refresh  sets up .venv, makes the outputs that the notebooks are committed with anew
#   make catalogue  collects every message for translators, brings the languages up to date
#   make pseudo   builds a language that nobody speaks, to see what is not translated
#   make clean    removes what these made
.POSIX:

PYTHON = python3
BIN = .venv/bin
CLIENTS = cdnow demo

all: report

report: .venv
	@$(BIN)/retention run $(CLIENTS)

test: .venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2
	$(BIN)/pytest -n 2 --dist loadfile --nbval --nbval-current-env notebooks

check: test
	$(BIN)/pytest -n 2 -m slow

bench: .venv
	$(BIN)/python -m benchmarks

fuzz: .venv
	$(BIN)/python -m tests.fuzz

refresh: .venv
	$(BIN)/python -m retention_lib.runner.refresh

catalogue: .venv
	$(BIN)/python -m translations catalogue

pseudo: .venv
	$(BIN)/python -m translations pseudo

.venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it, as in: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch .venv/installed

clean:
	rm -rf .venv reports drafts build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: all report test check bench fuzz refresh catalogue pseudo clean .venv
