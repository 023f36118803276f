#!/usr/bin/env bash
# Makes the documentation for a browser: all modules with their symbols and articles on one static site, with a start page.
# What docc warns of is an error, a link that leads nowhere first of all, between modules, too.
#
#   Deploy/dev/docs.sh [--output FOLDER] [--base PATH] [--build FOLDER] [--serve PORT]
#
#   --output FOLDER   The site; .build/docs if it is not said. A site that is there is replaced.
#   --base PATH       The place of the site on its web server, such as /copur; the root if it is not said.
#   --build FOLDER    Symbols are those of the release build in FOLDER, as it is. If it is not said, .build is brought up to
#                     date first.
#   --serve PORT      Serves the site on http://127.0.0.1:PORT until it is interrupted.
#
# Exit status: 0 made, 1 there are mistakes, 64 a wrong option, 69 something is missing here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Deploy/packages.sh

output=.build/docs
base=/
build=
serve=
while (($# > 0)); do
  case $1 in
    --output | --base | --build | --serve)
      [[ -n "${2:-}" ]] || { echo "$1 needs a value" >&2 && exit 64; }
      declare "${1#--}=$2"
      shift 2
      ;;
    *)
      echo "usage: docs.sh [--output FOLDER] [--base PATH] [--build FOLDER] [--serve PORT] (actual: $1)" >&2
      exit 64
      ;;
  esac
done
if [[ $base != /* ]]; then echo "--base begins with / (actual: $base)" >&2 && exit 64; fi
if [[ -n $serve ]]; then
  [[ $serve =~ ^[0-9]+$ ]] || { echo "--serve is a port (actual: $serve)" >&2 && exit 64; }
  [[ $base == / ]] || { echo "--serve serves a site in the root: leave --base out" >&2 && exit 64; }
fi

find_swift
require_packages python3
if [[ -z $build ]]; then
  require_build
  build=.build
  swift build --configuration release --product copur
fi
python3 Deploy/dev/docs.py --build "$build" --base "$base" "$output"
if [[ -n $serve ]]; then
  echo "http://127.0.0.1:$serve"
  exec python3 -m http.server --bind 127.0.0.1 --directory "$output" "$serve"
fi
