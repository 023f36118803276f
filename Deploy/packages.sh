#!/usr/bin/env bash
# What a checkout needs before it builds: Debian's packages, Swift, Python's packages, a .build of its own. Sourced by the
# other scripts.

# What Swift's programs need beside its archive: libraries that they load, what links, headers of C and C++, what fetches.
swift_packages=(
  libcurl4 libncurses6 libsqlite3-0 libuuid1 libxml2 zlib1g tzdata
  binutils gcc g++ libc6-dev
  ca-certificates git
)

# What a build needs beside Swift.
build_packages=(
  libnghttp2-dev libssl-dev libopenblas-dev libpng-dev libpq-dev libsqlite3-dev zlib1g-dev pkg-config
)

# require_packages PACKAGE...: installs those that are missing. What apt says is shown if it fails.
require_packages() {
  local package missing=() as_root=() log
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q ' ok installed$' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || {
    echo "There is no apt-get here. Install what these packages of Debian 12 hold by hand: ${missing[*]}" >&2
    return 69
  }
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "These Debian packages are missing, and installing them needs root or sudo: ${missing[*]}" >&2
      return 69
    }
    as_root=(sudo)
  fi
  echo "Installing Debian packages: ${missing[*]}" >&2
  log=$(mktemp) || return
  # A source that does not answer is no reason to stop, as long as the packages are found.
  "${as_root[@]}" apt-get update -q >"$log" 2>&1 || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${missing[@]}" >>"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    rm -f "$log"
    echo "apt-get could not install ${missing[*]}; what it said is above." >&2
    return 69
  }
  rm -f "$log"
}

# find_swift: the compiler is not Debian's, so it cannot be installed from here; where its archive is unpacked as usual, it
# is used.
find_swift() {
  command -v swift >/dev/null && return
  local folder
  for folder in ~/.local/share/swiftly/bin {/opt,/usr/local,/usr/share,~}/swift*/usr/bin; do
    if [ -x "$folder/swift" ]; then
      echo "Using Swift in $folder. For a shell of yours: export PATH=\$PATH:$folder" >&2
      export PATH=$PATH:$folder
      return
    fi
  done
  echo "Swift 6.2 or later is needed, and there is none in \$PATH. Unpack its archive for Debian 12 from" \
    "https://www.swift.org/install/linux/ in /opt/swift, or name its folder: export PATH=\$PATH:FOLDER/usr/bin" >&2
  return 69
}

# require_build PACKAGE...: all that `swift build` needs, and the packages that are named.
require_build() {
  find_swift || return
  require_packages "${swift_packages[@]}" "${build_packages[@]}" "$@" || return
  swift --version >/dev/null || {
    echo "Swift does not start: $(command -v swift)" >&2
    return 69
  }
  require_own_build
}

# require_own_build: a .build that was made elsewhere, before the checkout was moved or copied, breaks builds. What was
# compiled and checked out there holds that place's path and is removed; what was downloaded stays.
require_own_build() {
  local place elsewhere foreign locks
  place=$(pwd -P)
  if [ "$(id -u)" -ne 0 ]; then
    # SwiftPM's locks lie outside of the checkout, named after it.
    mapfile -t locks < <(compgen -G "${TMPDIR:-/tmp}/${place//\//_}_.build*.lock")
    foreign=$(find .build .venv-test "${locks[@]}" ! -user "$(id -u)" -print -quit 2>/dev/null) || true
    [ -z "$foreign" ] || {
      echo "$foreign belongs to $(stat --format=%U "$foreign"). Remove what another user has built:" \
        "sudo rm -rf $(printf '%q ' "$place"/{.build,.venv-test} "${locks[@]}")" >&2
      return 73
    }
  fi
  # Where SwiftPM's checkouts say that the downloads are.
  elsewhere=$(sed -n 's|/\.build/repositories/.*||p' .build/checkouts/*/.git/objects/info/alternates 2>/dev/null |
    grep -vxF -m 1 "$place") || true
  [ -n "$elsewhere" ] || return 0
  if [ -L .build ]; then
    echo ".build is a link, to what was built in $elsewhere. Remove it, or what is in it: $place/.build" >&2
    return 73
  fi
  echo "This checkout was built in $elsewhere. Removing from .build what was made there; downloads stay." >&2
  find .build -mindepth 1 -maxdepth 1 ! -name repositories -exec rm -rf {} +
}

# require_python_environment: Python's gRPC and raw HTTP/2, for clients that others wrote and for the drills. In .venv-test,
# which is made anew when its packages, its place or the system's Python have changed.
require_python_environment() {
  require_packages python3 python3-venv || return
  local requirements=Tests/copurTests/Clients/requirements.txt made_of
  made_of=$(pwd -P && python3 -c 'import sys; print(sys.base_prefix, sys.version)' && cat "$requirements") || return
  if [ "$made_of" != "$(cat .venv-test/made-of 2>/dev/null)" ]; then
    if [ -e .venv-test ]; then
      echo "Making .venv-test anew: its packages, its place or the system's Python have changed." >&2
      rm -rf .venv-test || return
    fi
    python3 -m venv .venv-test || return
    .venv-test/bin/pip install --quiet --disable-pip-version-check --requirement "$requirements" || return
    echo "$made_of" >.venv-test/made-of
  fi
  export COPUR_TEST_PYTHON=$PWD/.venv-test/bin/python
}

# require_promtool: Prometheus' tool that checks alert rules, in .venv-test. Debian's package (20 MB) would start a service,
# so that one program is taken out of it.
require_promtool() {
  local folder status=0
  [ ! -x .venv-test/bin/promtool ] || return 0
  if command -v promtool >/dev/null; then
    ln -sf "$(command -v promtool)" .venv-test/bin/promtool
    return
  fi
  folder=$(mktemp -d) || return
  if ! (cd "$folder" && apt-get download -q prometheus >/dev/null 2>&1); then
    # The lists may be old, or there may be none.
    $([ "$(id -u)" -eq 0 ] || echo sudo) apt-get update -q >/dev/null 2>&1 || true
    (cd "$folder" && apt-get download -q prometheus >/dev/null) || status=69
  fi
  if [ "$status" -ne 0 ]; then
    echo "apt-get cannot download prometheus, in which promtool is." >&2
  else
    dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -xO ./usr/bin/promtool >.venv-test/bin/promtool.new &&
      chmod 755 .venv-test/bin/promtool.new && mv .venv-test/bin/promtool.new .venv-test/bin/promtool || status=$?
  fi
  rm -rf "$folder"
  return "$status"
}

# require_database: PostgreSQL's server, which tests start and stop. Debian's package would also make a database of the
# machine's own and start it with the machine, unless it is told not to.
require_database() {
  local settings=/etc/postgresql-common/createcluster.conf sudo
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return 0
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  if [ ! -e "$settings" ]; then
    require_packages postgresql-common || return
    $sudo sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' "$settings" || return
  fi
  require_packages postgresql
}
