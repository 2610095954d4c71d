# The book's commands; `make help` lists them. All paths are relative, so the folder's own name may hold spaces.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help book serve lab test check notebooks screenshots pdf matrix bench pin lite lite-try clean env env-dev lint types fresh-book browsers browser cluster bridge

PORT ?= 8000
# One more process than cores: some tests wait for a time limit.
WORKERS ?= $(shell $(PY) -c 'import os; print(os.cpu_count() + 1)')
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# Where several processes work side by side, each takes one core: their matrix products would only wait for each other.
ONE_CORE := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
LITE := $(PY) -m lite $(if $(PYODIDE),--pyodide "$(PYODIDE)")
BUILD := $(ONE_CORE) $(PY) $(VENV)/bin/jupyter-book build . -W --keep-going

# The first Python on the path that is new enough; `make book PYTHON=/path/to/python3.12` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; break; }; done)

# Installs file $(1) unless just this content was installed at this place: the stamp $(2) holds both.
define install
	@stamp="$$(cat $(1) constraints.txt | cksum) $$PWD"; \
	if [ "$$(cat $(VENV)/$(2) 2>/dev/null)" != "$$stamp" ]; then \
		echo "Installing $(1) into $(VENV) (once; this needs the network) ..."; \
		$(PIP) install -r $(1) || { echo "The installation failed: pip's message stands above. Run the same command again to continue."; exit 1; }; \
		printf '%s\n' "$$stamp" > $(VENV)/$(2); \
	fi
endef

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{printf "%-18s %s\n", $$1, $$2}'

env:
	@if ! $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed and was not found: install it (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12"; exit 1; }; \
		"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (Debian and Ubuntu: apt install python3-venv)"; exit 1; }; \
		echo "Creating $(VENV) with $(PYTHON) ..."; \
		rm -rf $(VENV) && "$(PYTHON)" -m venv $(VENV); \
	fi
	$(call install,requirements.txt,installed)

env-dev: env
	$(call install,requirements-dev.txt,installed-dev)

book: env ## run every notebook and build the pages (_build/html)
	@$(LITE)
	@$(BUILD)
	@$(PY) -c 'from pathlib import Path; print("The book is ready. Open", Path("_build/html/index.html").resolve().as_uri(), "or run: make serve")'

serve: book ## show the built book on 127.0.0.1 (PORT=8000)
	@echo "The book is at http://127.0.0.1:$(PORT)/ (Ctrl-C ends; another port: make serve PORT=8001)"
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lite: env ## build JupyterLite anew, with a Pyodide release inside it (PYODIDE=archive or folder)
	@$(LITE)

lite-try: env-dev book ## open chapter 3 in JupyterLite, run it and have an exercise checked (needs PYODIDE=…)
	@$(PY) tests/browser/try_lite.py

lab: env ## open the chapters as notebooks in JupyterLab
	@$(PY) -m jupyterlab chapters/index.md

test: env ## run all tests, and compare notebooks with what they printed when they were committed (FRESH=1: all)
	@$(ONE_CORE) $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --nbval $(if $(FRESH),--fresh) --ignore=tests/browser --ignore=tests/cluster --ignore=tests/bridge tests chapters

check: FRESH := 1
check: browsers lint types test cluster bridge fresh-book browser ## everything: lint, types, tests, a local cluster, PyTorch and ONNX, a clean build, links, pages in a browser

lint: env-dev
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(VENV)/bin/codespell

types: env-dev
	@$(PY) -m mypy

# Not one core each: that the number of threads does not matter is part of what is tested.
cluster: env-dev
	@$(PY) -m pytest tests/cluster

bridge: env ## compare with PyTorch and onnxruntime (which it installs first), and train in two processes
	$(call install,requirements-bridge.txt,installed-bridge)
	@$(ONE_CORE) $(PY) -m pytest tests/bridge

fresh-book: env
	@mkdir -p _build && find _build -mindepth 1 -maxdepth 1 ! -name .passed -exec rm -rf {} +
	@$(LITE)
	@$(BUILD)

browsers: env
	@$(PY) tests/browser/installed.py

browser: env-dev fresh-book
	@$(ONE_CORE) $(PY) -m pytest -n $(WORKERS) --dist loadgroup tests/browser

screenshots: env-dev book ## picture every page, wide and narrow, light and dark (_build/screenshots)
	@$(PY) tests/browser/screenshots.py

pdf: env-dev book ## print the whole book as one PDF (_build/dlbook.pdf)
	@$(PY) tests/browser/paper.py

notebooks: env ## run every notebook and write it back, with its text outputs and without images
	@$(PY) chapters/_ext/install_cell.py chapters/*.ipynb
	@$(ONE_CORE) $(PY) chapters/_ext/refresh.py chapters/*.ipynb

pin: env ## after a look at changed equations: record the formulas that the tests verify
	@$(PY) chapters/_ext/pin.py

matrix: env ## test the package with every supported Python here, and the oldest and newest NumPy
	@$(PY) tests/matrix.py

bench: env ## time the package side by side with PyTorch and scikit-learn (which it installs first)
	$(call install,requirements-bench.txt,installed-bench)
	@$(PY) -m benchmarks

clean: ## delete what was built and installed
	rm -rf $(VENV) _build dlbook.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
