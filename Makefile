# `make demo`: set up and do the main job on the sample cases. `make test`: set up and run every check.
# `make fuzz`: spoilt files of every kind, then the property tests with many more examples; ten minutes (MINUTES=10).
# `make peers`, `make interop`: install other programs, and see what they make of every export.
# `make crash`, `make bench`: a case under kills and full disks; speed and size. `make docs`, `make pictures`: the
# figures and the screenshots of the docs.
PYTHON ?= python3
DEMO ?= demo
MINUTES ?= 10
ROUNDS ?= 200
MUTATIONS ?= 50000
SEED ?= 0
VENV := .venv
PEERS := .peers
CASES ?=
BIN := $(VENV)/bin
XVFB := xvfb-run -a -s "-screen 0 1600x1000x24"
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.PHONY: demo test crash fuzz bench peers interop docs pictures samples clean

demo: $(VENV)/viewer.done
	$(BIN)/callout demo --no-viewer -o $(DEMO)
	@$(MAKE) --no-print-directory window

.PHONY: window
window:
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    $(BIN)/callout view $(DEMO)/thorax/thorax.callout; \
	elif command -v xvfb-run >/dev/null; then \
	    $(XVFB) $(BIN)/python -m napari_callout --screenshot $(DEMO)/viewer.png $(DEMO)/thorax/thorax.callout && \
	    echo "There is no screen: a picture of the viewer's window is in $(DEMO)/viewer.png"; \
	else \
	    echo "There is no screen, and no xvfb-run to draw the viewer's window on a virtual one."; \
	fi

test: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/npe2 validate callout
	$(XVFB) $(BIN)/python -m pytest

# Kill writers of a case at random moments, fill their disks, race them: ROUNDS of it; SEED with ROUNDS=1 repeats one.
crash: $(VENV)/test.done
	PYTHONPATH=tests $(BIN)/python -m crash $(ROUNDS) $(SEED)

# Measure what the aims for speed and size are held to.
bench: $(VENV)/test.done
	$(PIP) --group bench
	PYTHONPATH=tests $(BIN)/python -m bench

# Spoilt files for at most a third of the minutes; SEED with MUTATIONS=1 repeats one. Then the property tests, with other
# examples than `make test`, until the time is over or one fails: that example goes into its test.
fuzz: $(VENV)/test.done
	PYTHONPATH=tests $(BIN)/python -m fuzz $(MUTATIONS) $(SEED) $$(( $(MINUTES) * 20 ))
	[ $(MUTATIONS) -eq 1 ] || HYPOTHESIS_PROFILE=long timeout --signal=INT $$(( $(MINUTES) * 40 )) \
	    $(XVFB) $(BIN)/python -m pytest -x -m hypothesis || [ $$? -eq 124 ]

# Other programs that read what Callout writes: Debian's packages, and an environment of Python and Node in .peers.
peers: $(PEERS)/peers.done

# Every case in every format through every peer; CASES="oblique thorax": only those with such a word in their names.
interop: $(PEERS)/peers.done
	PYTHONPATH=tests timeout 3000 $(PEERS)/bin/python -m interop $(CASES)

# Build the gallery's pictures again from its recipes, and the reference of keys; the same bytes as in the repository.
docs: $(VENV)/test.done
	$(BIN)/python docs/gallery/build.py
	$(BIN)/python docs/keys.py

# Read both samples in the window with mouse and keys, and take the screenshots that README and the tutorials show.
pictures: $(VENV)/test.done
	PYTHONPATH=tests $(XVFB) $(BIN)/python docs/pictures.py

# Generate the sample cases again; the same bytes as those in the repository.
samples: $(VENV)/test.done
	cd sample_dicoms && ../$(BIN)/python -m generator thorax && ../$(BIN)/python -m generator spine

$(VENV)/viewer.done: pyproject.toml constraints.txt
	@.ci/system-packages viewer
	@$(MAKE) --no-print-directory $(VENV)/pip.done
	$(PIP) -e ".[viewer]"
	@touch $@

$(VENV)/test.done: pyproject.toml constraints.txt
	@.ci/system-packages test
	@$(MAKE) --no-print-directory $(VENV)/pip.done
	$(PIP) -e ".[all]" --group dev
	@touch $@

$(PEERS)/peers.done: pyproject.toml constraints.txt tests/interop/peers.txt tests/interop/package.json
	@timeout 1200 .ci/system-packages peers
	$(PYTHON) -m venv $(PEERS)
	timeout 1200 $(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet \
	    -c constraints.txt -r tests/interop/peers.txt -e .
	@mkdir -p $(PEERS)/node
	cp tests/interop/package.json $(PEERS)/node
	cd $(PEERS)/node && timeout 600 npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/pip.done:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Callout needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
