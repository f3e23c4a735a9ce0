# Sourced by bin/up and bin/test, from the clone's folder: `set_up app` or `set_up dev` makes .venv
# as requirements/ says. Needs bash and a Python ≥ 3.11 with pip; nothing is downloaded but Python
# packages, and nothing is written outside the clone and the package cache.

# Like pip, uv shall trust whom this computer trusts: a company's proxy signs with its own authority.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"

# Where this is set, each of our processes would compile all of its code again.
unset PYTHONDONTWRITEBYTECODE

say() { printf 'regulars: %s\n' "$*" >&2; }

# Every Python on the PATH, the newest releases last, since wheels come late for them.
pythons() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    type -ap "$name" || true
  done
}

# The first Python that is new enough and, where "$1" is "with-pip", has pip: an activated virtual
# environment may stand before it and have none.
find_python() {
  local candidate old=
  while read -r candidate; do
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
      >/dev/null 2>&1 || continue
    old=$candidate
    if [ "$1" = with-pip ]; then "$candidate" -m pip --version >/dev/null 2>&1 || continue; fi
    "$candidate" -c 'import sys; print(sys.executable)'
    return
  done < <(pythons)
  if [ -n "$old" ]; then
    say "$old has no pip, and no other Python 3.11 or newer has (on Debian: apt install python3-pip)."
  else
    say "Python 3.11 or newer is needed, and none was found."
  fi
  return 1
}

has_uv() { [ -x .tools/bin/uv ] && cmp -s requirements/uv.txt .tools/uv.txt; }

# uv, by pip, into .tools: works where the system's own packages may not be touched.
install_uv() {
  local python=$1
  if has_uv; then return; fi
  say "installing uv into .tools"
  rm -rf .tools
  PIP_USER=0 "$python" -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore --no-deps \
    --only-binary :all: --require-hashes --target .tools -r requirements/uv.txt
  cp requirements/uv.txt .tools/uv.txt
}

# Where .venv lies, behind links: what is installed in it knows its place.
place() { (cd .venv && pwd -P) 2>/dev/null; }

fingerprint() {
  cat pyproject.toml requirements/*.txt tools/build_hook.py | cksum | tr ' ' -
}

# Whether .venv is whole and where it was made. After an upgrade of the system its Python may be
# gone, or another one that does not look where the packages are.
is_sound() {
  .venv/bin/python -c 'import os, sys, sysconfig; sys.exit(not os.path.isdir(sysconfig.get_path("purelib")))' \
    >/dev/null 2>&1 || return 1
  [ ! -f .venv/regulars-place ] || [ "$(cat .venv/regulars-place)" = "$(place)" ]
}

# What is installed already; the tools for development include all that the application needs.
is_set_up() {
  local done
  [ -f .venv/regulars-set-up ] || return 1
  done=$(cat .venv/regulars-set-up)
  [ "$done" = "dev $2" ] || [ "$done" = "$1 $2" ]
}

set_up() {
  local kind=$1 mark python
  mark=$(fingerprint)
  if ! is_sound || ! is_set_up "$kind" "$mark"; then
    if has_uv; then python=$(find_python any); else python=$(find_python with-pip); fi
    install_uv "$python"
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
    say "installing what requirements/$kind.txt lists into .venv"
    is_sound || .tools/bin/uv venv --quiet --clear --python "$python" .venv
    rm -f .venv/regulars-set-up
    place > .venv/regulars-place
    .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes \
      "requirements/$kind.txt"
    .tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps \
      --build-constraints requirements/build.txt --editable .
    printf '%s %s\n' "$kind" "$mark" > .venv/regulars-set-up
  fi
  .venv/bin/python tools/messages.py compile >/dev/null
}
