# Sourced by bin/up and bin/test, from the clone's folder: `set_up app` or `set_up dev` makes .venv
# as requirements/ says. Needs bash and a Python ≥ 3.11 with pip; nothing is downloaded but Python
# packages, and nothing is written outside the clone and the package cache.

say() { printf 'regulars: %s\n' "$*" >&2; }

# The first Python that is new enough; the newest releases last, since wheels come late for them.
find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
        >/dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  say "Python 3.11 or newer is needed, and none was found."
  return 1
}

# uv, by pip, into .tools: works where the system's own packages may not be touched.
install_uv() {
  local python=$1
  if [ -x .tools/bin/uv ] && cmp -s requirements/uv.txt .tools/uv.txt; then return; fi
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    say "$python has no pip (on Debian: apt install python3-pip)."
    return 1
  fi
  say "installing uv into .tools"
  rm -rf .tools
  PIP_USER=0 "$python" -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore --no-deps \
    --only-binary :all: --require-hashes --target .tools -r requirements/uv.txt
  cp requirements/uv.txt .tools/uv.txt
}

fingerprint() {
  cat pyproject.toml requirements/*.txt tools/build_hook.py | sha256sum | cut -d' ' -f1
}

# What is installed already; the tools for development include all that the application needs.
is_set_up() {
  local stamp
  [ -x .venv/bin/python ] && [ -f .venv/regulars-stamp ] || return 1
  stamp=$(cat .venv/regulars-stamp)
  [ "$stamp" = "dev $2" ] || [ "$stamp" = "$1 $2" ]
}

set_up() {
  local kind=$1 mark python
  mark=$(fingerprint)
  if ! is_set_up "$kind" "$mark"; then
    python=$(find_python)
    install_uv "$python"
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
    say "installing what requirements/$kind.txt lists into .venv"
    [ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --python "$python" .venv
    .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes \
      "requirements/$kind.txt"
    .tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps \
      --build-constraints requirements/build.txt --editable .
    printf '%s %s\n' "$kind" "$mark" > .venv/regulars-stamp
  fi
  .venv/bin/python tools/messages.py compile >/dev/null
}
