#!/usr/bin/env bash
# Makes the pictures of report and dashboard that the documentation shows, from runs of their own: quick.yaml and
# timeline.yaml of a folder under scenarios. About three minutes on two cores.
#
#   Deploy/dev/pictures.sh [--scenarios FOLDER] [--program PROGRAM] [--keep FOLDER]
#
#   --scenarios FOLDER   extrasensory if it is not said, whose data is in the folder that COPUR_DATA names; fashion-mnist is
#                        Debian's.
#   --program PROGRAM    As it is; if it is not said, the release build is brought up to date.
#   --keep FOLDER        The run whose report is shown is kept there.
#
# Look at each before it is committed: a browser draws what it is given, right or wrong.
#
# Exit status: 0 made, 64 a wrong option, 69 something is missing here, else that of the program that failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Deploy/packages.sh

scenarios=extrasensory
program=
keep=
while (($# > 0)); do
  case $1 in
    --scenarios | --program | --keep)
      [[ -n "${2:-}" ]] || { echo "$1 needs a value" >&2 && exit 64; }
      declare "${1#--}=$2"
      shift 2
      ;;
    *)
      echo "usage: pictures.sh [--scenarios FOLDER] [--program PROGRAM] [--keep FOLDER] (actual: $1)" >&2
      exit 64
      ;;
  esac
done
[[ -f scenarios/$scenarios/timeline.yaml ]] || {
  echo "--scenarios has a quick.yaml and a timeline.yaml (actual: scenarios/$scenarios)" >&2 && exit 64
}

require_packages chromium-headless-shell fonts-dejavu-core pngquant python3
if [[ -z $program ]]; then
  require_build
  swift build --configuration release --product copur
  program=$(swift build --configuration release --show-bin-path)/copur
fi

work=$(mktemp -d)
played=
stop() {
  [[ -z $played ]] || { kill -INT "$played" 2>/dev/null && wait "$played"; } || true
  rm -rf "$work"
}
trap stop EXIT

# screenshots URL STEPS: plays steps on a page; $NAME in them is a file for a picture.
screenshots() {
  printf '%s' "$2" >"$work/steps.json"
  python3 Tests/copurTests/Clients/browser.py "$(command -v chromium-headless-shell)" "$1" "$work/steps.json" >"$work/said"
}

# publish NAME FILE: a picture with 128 colours in place of millions, a third as large.
publish() { pngquant --force --strip --speed 1 --output "$2" 128 "$work/$1.png"; }

light='"media": {"prefers-color-scheme": "light"}'
dark='"media": {"prefers-color-scheme": "dark"}'

"$program" run "scenarios/$scenarios/quick.yaml" --in-process --no-cache --overwrite --out "${keep:-$work/run}"
screenshots "file://$(realpath "${keep:-$work/run}")/report.html" "[
  {\"size\": [1280, 960], $light}, {\"until\": \"document.querySelector('table') !== null\"},
  {\"screenshot\": \"$work/report.png\"}, {$dark}, {\"screenshot\": \"$work/report-dark.png\"}]"

# The page is looked at once an agent has fallen silent, 30 s after the start, and another one is suspect, which begins to lie
# after 60 s.
"$program" run "scenarios/$scenarios/timeline.yaml" --no-cache --out "$work/timeline" --http 127.0.0.1:0 \
  2>"$work/log" >"$work/table" &
played=$!
until address=$(grep --only-matching --max-count 1 'http://127[^ ]*' "$work/log"); do
  kill -0 "$played" 2>/dev/null || { cat "$work/log" >&2 && exit 69; }
  sleep 0.2
done
states="[...document.querySelectorAll('#agents tr')].map((row) => row.dataset.state)"
screenshots "$address" "[
  {\"size\": [1280, 960], $light}, {\"until\": \"$states.length > 3 && $states.every((state) => state === 'connected')\"},
  {\"value\": \"new Promise((done) => setTimeout(done, 40000, 1))\", \"as\": \"waited\"},
  {\"until\": \"$states.includes('silent') && $states.includes('suspect')\"},
  {\"value\": \"new Promise((done) => setTimeout(done, 6000, 1))\", \"as\": \"waited\"},
  {\"screenshot\": \"$work/dashboard.png\"}, {$dark}, {\"screenshot\": \"$work/dashboard-dark.png\"}]"

core=Sources/CopurCore/Docs.docc/Resources
publish report "$core/report.png"
publish report-dark "$core/report~dark.png"
publish dashboard Sources/CopurDashboard/Docs.docc/Resources/dashboard.png
publish dashboard-dark Sources/CopurDashboard/Docs.docc/Resources/dashboard~dark.png
ls -l "$core"/report*.png Sources/CopurDashboard/Docs.docc/Resources/dashboard*.png
