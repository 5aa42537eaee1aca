# Sets up what ./run, ./test and the Makefile need; sourced from the project's folder. POSIX sh.
# setup_run: the product. setup_test: the product and everything that checks it. Both take seconds when nothing changed.

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$*"
  exit 1
}

# Installs Debian packages as root; without root says in one line what to install.
debian_packages() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing: $*"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null 2>&1 ||
      stop "Could not install: $*. Try: apt-get update && apt-get install $*"
  else
    stop "Please install first: sudo apt-get install $*"
  fi
}

python_is_ready() {
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# A stamp holds the checksum of what a step was made from: the step is skipped while nothing changed.
is_fresh() { # STAMP FILE...
  stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(cat "$@" | cksum)" = "$(cat "$stamp")" ]
}
mark_fresh() { # STAMP FILE...
  stamp=$1
  shift
  cat "$@" | cksum >"$stamp"
}

install_python_packages() { # LOCK
  python_is_ready || debian_packages python3 python3-venv ca-certificates
  python_is_ready || stop "Python 3.11 or newer is needed. Install it and start again."
  [ -x .venv/bin/python ] || python3 -m venv .venv
  is_fresh ".venv/stamp-$1" "$1" pyproject.toml && [ -x .venv/bin/survey-app ] && return
  say "Installing Python packages (once)..."
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1" >&2
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e . >&2
  mark_fresh ".venv/stamp-$1" "$1" pyproject.toml
}

# What speaks the drafts of sentences; the product works without it, and silently.
install_voices() {
  is_fresh .venv/stamp-voices requirements-voices.lock && return
  say "Installing what speaks drafts of sentences (once)..."
  if .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-voices.lock >&2; then
    mark_fresh .venv/stamp-voices requirements-voices.lock
  else
    say "It could not be installed: sentences stay silent. The next start tries again."
  fi
}

# Speaks every sentence that nobody has recorded; half a minute once, then only what is new.
draft_voices() {
  [ -f .venv/stamp-voices ] || return 0
  # shellcheck disable=SC2046 # names without spaces
  set -- $(ls translations/*/LC_MESSAGES/respond.po translations/*/LC_MESSAGES/questionnaires.po questionnaires/*.yaml) survey_app/voices/script.py
  is_fresh .venv/stamp-drafts "$@" && [ -d survey_app/voices/drafts ] && return
  say "Speaking drafts of sentences (once)..."
  if .venv/bin/survey-app voices draft --quiet >&2; then
    mark_fresh .venv/stamp-drafts "$@"
  else
    say "Some sentences stay silent. The next start tries again."
  fi
}

# What prints paper forms; the product works without it, and says so where a form is wanted.
install_paper() {
  is_fresh .venv/stamp-paper requirements-paper.lock && return
  say "Installing what prints paper forms (once)..."
  if .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-paper.lock >&2; then
    mark_fresh .venv/stamp-paper requirements-paper.lock
  else
    say "It could not be installed: no paper forms. The next start tries again."
  fi
}

# Makes the letters of paper forms, after the front-end packages came; again where a Chinese sentence changed.
make_paper_fonts() {
  [ -f .venv/stamp-paper ] || return 0
  # shellcheck disable=SC2046 # names without spaces
  set -- package-lock.json scripts/paper_fonts.py $(ls translations/zh_Hans/LC_MESSAGES/*.po)
  is_fresh .venv/stamp-paper-fonts "$@" && [ -d survey_app/paper/fonts ] && return
  say "Making the letters of paper forms (once)..."
  if .venv/bin/python scripts/paper_fonts.py >&2; then
    mark_fresh .venv/stamp-paper-fonts "$@"
  else
    say "They could not be made: no paper forms. The next start tries again."
  fi
}

node_is_ready() {
  command -v npm >/dev/null 2>&1 && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null
}

install_front_end() { # [npm option]
  PATH=$PWD/.venv/bin:$PATH
  export PATH
  is_fresh ".venv/stamp-front-end$*" package-lock.json scripts/vendor.py && [ -d survey_app/web/static/vendor ] && return
  if ! node_is_ready; then
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-node.lock >&2
  fi
  say "Installing front-end packages (once)..."
  npm_config_update_notifier=false
  export npm_config_update_notifier
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@" >&2
  .venv/bin/python scripts/vendor.py >&2
  mark_fresh ".venv/stamp-front-end$*" package-lock.json scripts/vendor.py
}

setup_run() {
  install_python_packages requirements.lock
  install_voices
  draft_voices
  install_paper
  install_front_end --omit=dev
  make_paper_fonts
}

setup_test() {
  install_python_packages requirements-test.lock
  install_voices
  draft_voices
  install_paper
  install_front_end
  make_paper_fonts
}

# Debian's browser, a library that the browser driver's own Node needs, and the letters that Android tablets have.
setup_browser() {
  missing=
  command -v chromium >/dev/null 2>&1 || missing=chromium
  [ -e "/usr/lib/$(uname -m)-linux-gnu/libatomic.so.1" ] || missing="$missing libatomic1"
  [ -d /usr/share/fonts/truetype/roboto ] || missing="$missing fonts-roboto-unhinted"
  command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
  # Root alone can try a laptop and a tablet as two computers; without root that test says that it was left out.
  if [ "$(id -u)" = 0 ]; then
    command -v certutil >/dev/null 2>&1 || missing="$missing libnss3-tools"
    command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
  fi
  # shellcheck disable=SC2086 # a list of names
  [ -z "$missing" ] || debian_packages $missing
}
