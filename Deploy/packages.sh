#!/usr/bin/env bash
# Installs the Debian packages that are named and missing. Sourced by the other scripts.

# require_packages PACKAGE...
require_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q ' ok installed$' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "These Debian packages are missing, and installing them needs root or sudo: ${missing[*]}" >&2
      return 69
    }
    as_root=(sudo)
  fi
  echo "Installing Debian packages: ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null
}

# What a build needs.
build_packages=(libnghttp2-dev libssl-dev libopenblas-dev libsqlite3-dev zlib1g-dev pkg-config)

# require_swift: the compiler is not Debian's, so it cannot be installed from here.
require_swift() {
  command -v swift >/dev/null || {
    echo "Swift 6.2 or later is needed: see https://www.swift.org/install/linux/" >&2
    return 69
  }
}

# require_python_environment: Python's gRPC and raw HTTP/2, for clients that others wrote and for the drills. In .venv-test.
require_python_environment() {
  require_packages python3 python3-venv || return
  local requirements=Tests/copurTests/Clients/requirements.txt
  if ! cmp -s "$requirements" .venv-test/requirements.txt; then
    rm -rf .venv-test
    python3 -m venv .venv-test
    .venv-test/bin/pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" .venv-test/requirements.txt
  fi
  export COPUR_TEST_PYTHON=$PWD/.venv-test/bin/python
}
