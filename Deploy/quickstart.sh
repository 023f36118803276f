#!/usr/bin/env bash
# From a fresh clone to a table of defences under attack: installs what is missing, builds, runs scenarios/quickstart.yaml.
#
#   Deploy/quickstart.sh [OUT]      results go to OUT (runs/quickstart)
#
# With ExtraSensory in $COPUR_DATA it runs on the CoPur paper's sensor data, else on Fashion-MNIST from Debian's package.
set -euo pipefail
cd "$(dirname "$0")/.."
source Deploy/packages.sh

out=${1:-runs/quickstart}
require_build dataset-fashion-mnist
echo "Building copur (about five minutes the first time)…" >&2
swift build --configuration release --product copur
swift_bin=$(swift build --configuration release --show-bin-path)
"$swift_bin/copur" run scenarios/quickstart.yaml --out "$out" --overwrite --predictions
