# What developers type. `./run` and `./test` need no make.
.PHONY: help setup check format lint types contracts translations test all attack bench
BIN := .venv/bin

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: ## Install everything that checks the project
	@sh -ec '. scripts/setup.sh; setup_test'

check: setup format lint types contracts translations ## Format, lint, types, contracts, translations

format: ## Is everything formatted?
	$(BIN)/ruff format --check .

lint: ## Lint Python, templates, JavaScript, CSS
	$(BIN)/ruff check .
	$(BIN)/djlint survey_app/web/templates --lint --quiet
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent lint

types: ## Check types of Python and JavaScript
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent types

contracts: ## Are the rooms' doors closed, and is there one newest migration?
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -c "from alembic.script import ScriptDirectory; ScriptDirectory('migrations').get_current_head()"

translations: ## Is every sentence there and plain, and every questionnaire without fault?
	$(BIN)/survey-app questionnaire check --strict questionnaires/*.yaml
	$(BIN)/survey-app translations status --strict

test: ## Every test but the slow ones
	./test

all: ## Every test
	./test --all

attack: setup ## Attack 20,000 random worlds, going on where it was stopped (PROCESSES=2)
	$(BIN)/python tests/protection/attack_many.py --processes $(or $(PROCESSES),1)

faults: ## 5,000 responses on random days; FAULTS_SEED=... repeats or goes on, FAULTS_PEOPLE=... shortens
	@sh -ec '. scripts/setup.sh; setup_test; setup_browser'
	$(BIN)/python -m pytest tests/faults/test_random_days.py -m slow -s -q

bench: setup ## Measure against floors of the same run; ONLY=drain measures one
	@status=0; for b in benchmarks/bench_$(or $(ONLY),*).py; do $(BIN)/python $$b || status=1; done; exit $$status
