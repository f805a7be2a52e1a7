# make serve, make test: the two commands of the README. The rest is for authors.

PYTHON ?= python3
BIN := .venv/bin
export NO_MKDOCS_2_WARNING := 1
NEEDS := pyproject.toml constraints.txt

.PHONY: serve build cards test check record stable mutate refresh lint clean

serve: .venv/site ## set up what building needs, then show the site on 127.0.0.1:8000
	$(BIN)/mkdocs serve --livereload

build: .venv/site ## write the site to site/
	$(BIN)/mkdocs build --strict

cards: .venv/site ## set up what draws social cards; build makes them where SITE_URL is set
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[cards]"

test: .venv/test ## set up everything, then run every test
	$(BIN)/pytest -n 2

check: .venv/test ## the tests that need neither framework nor browser
	$(BIN)/pytest -n 2 tests/handbook tests/contracts

record: .venv/test ## run programs, record what they print: NAME=part/page_torch, or all that changed
	$(BIN)/python -m handbook.programs record $(NAME)

stable: .venv/test ## see that every digit holds on other processors: NAME=part/page_torch, or all
	$(BIN)/python -m handbook.programs stable $(NAME)

mutate: .venv/test ## see that the tests notice a broken program: NAME=part/page_torch, or all
	$(BIN)/python -m tests.mutate $(NAME)

refresh: .venv/refresh ## what the upstream trackers say that data/conferences.yml does not; ARGS=--json
	$(BIN)/python -m handbook.refresh $(ARGS) || test $$? -eq 1 # 1: something to look at

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf .venv .cache site

# Each mark is made when its set of packages is installed and the lists have not changed.
.venv/site: $(NEEDS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/refresh: $(NEEDS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[refresh]"
	touch $@

.venv/test: $(NEEDS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	$(BIN)/python -m tests.site.browser
	touch .venv/site .venv/refresh $@
