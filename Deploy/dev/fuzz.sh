#!/usr/bin/env bash
# Fuzzes what reads bytes from outside with libFuzzer.
#
#   Deploy/dev/fuzz.sh deframer|session|scenario|bundle [SECONDS]     60 seconds if left out
#
# The inputs that were found interesting stay in .build-fuzz/corpus/NAME, one that crashes in .build-fuzz/crash-*.
# Exit status: 0 nothing was found, 64 the name is unknown, otherwise libFuzzer's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export COPUR_PART=fuzzing

name=${1:-}
seconds=${2:-60}
if [[ ! "$name" =~ ^(deframer|session|scenario|bundle)$ ]]; then
  echo "a fuzz target is deframer, session, scenario or bundle (actual: \"$name\")" >&2
  exit 64
fi

# Another folder than that of users' builds, unless one says that the same will do.
scratch=${COPUR_SCRATCH:-.build-fuzz}
work=.build-fuzz
mkdir -p "$work/corpus/$name"
swift build --configuration release --scratch-path "$scratch" --product CopurFuzzing
products=$(swift build --configuration release --scratch-path "$scratch" --show-bin-path)

# libFuzzer has the main function.
: >"$work/empty.swift"
swiftc -sanitize=fuzzer -parse-as-library "$work/empty.swift" -o "$work/fuzz" \
  -Xlinker --start-group "$products/libCopurFuzzing.a" -Xlinker --end-group \
  -lFoundation -lFoundationEssentials -lFoundationInternationalization -l_FoundationICU -ldispatch -lBlocksRuntime \
  -lswiftSynchronization -lswift_StringProcessing -lswift_RegexParser -lswiftObservation \
  -lnghttp2 -lssl -lcrypto -lopenblas -lz -lm

# What valid inputs look like.
seeds=("$work/corpus/$name")
if [[ $name == scenario ]]; then seeds+=(scenarios); fi
if [[ -d Tests/Fuzz/Seeds/$name ]]; then seeds+=("Tests/Fuzz/Seeds/$name"); fi
COPUR_FUZZ=$name SWIFT_BACKTRACE=enable=no exec "$work/fuzz" \
  -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=16384 -print_final_stats=1 \
  -artifact_prefix="$work/" "${seeds[@]}"
