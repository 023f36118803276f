#!/usr/bin/env bash
# Installs what is missing, checks formatting, layers, embedded pages and links, and runs every test, in the configuration
# that the program is built in. Two things take minutes more: whether the code generated from Protocols is fresh
# (Deploy/dev/check.sh generated), and the links in comments of code, which the documentation for a browser shows
# (Deploy/dev/docs.sh).
#
#   Deploy/test.sh [ARGUMENTS OF swift test]
set -euo pipefail
cd "$(dirname "$0")/.."
source Deploy/packages.sh

require_build dataset-fashion-mnist nghttp2-client nghttp2-server curl openssl strace chromium-headless-shell \
  python3 python3-venv
require_database
require_python_environment
require_promtool

# Real sensor data where there is some beside the project; without it those tests say that they are skipped.
if [ -z "${COPUR_DATA:-}" ] && [ -d ../shared/data ]; then
  COPUR_DATA=$(cd ../shared/data && pwd)
  export COPUR_DATA
fi

swift build --configuration release --build-tests
Deploy/dev/check.sh formatting layers web links
swift test --configuration release --skip-build "$@"
