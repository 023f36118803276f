#!/usr/bin/env bash
# Drills of the service: real processes are killed, starved, lied to and attacked, and a table says what passed.
#
#   Deploy/drills.sh [--quick] [--list] [--json] [NAME…]
#
# Installs what is missing and builds copur; $COPUR names another binary. Exits with 1 if a drill failed. Most drills
# need no privileges; one that lacks root or a tool says that it is skipped, and why.
set -euo pipefail
cd "$(dirname "$0")/.."
source Deploy/packages.sh

require_packages dataset-fashion-mnist
require_python_environment
require_packages strace iproute2 gcc libc6-dev nghttp2-server openssh-server slurm-wlm munge && require_database ||
  echo "Drills that need one of these are skipped." >&2

if [ -z "${COPUR:-}" ]; then
  require_build
  swift build --configuration release --product copur >&2
  COPUR=$(swift build --configuration release --show-bin-path)/copur
fi
exec "$COPUR_TEST_PYTHON" Tests/Drills/run.py --copur "$COPUR" "$@"
