#!/usr/bin/env bash
# Runs tests under a sanitizer, each part of the package built apart from the others: those of the transport (CopurTLS,
# CopurHTTP2, CopurGRPC) under both, those of the solvers' bare memory (CopurNumerics, CopurPurification) under address.
# These are debug builds, in which an arena checks every access against its array.
#
#   Deploy/dev/sanitize.sh [thread] [address] [transport] [algorithms]
#
# Without a sanitizer's name both, without a part's name all that it is for.
#
# Exit status: 0 no report and no failed test, 1 otherwise, 64 a name is unknown.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

sanitizers=()
parts=()
for name in "$@"; do
  case "$name" in
  thread | address) sanitizers+=("$name") ;;
  transport | algorithms) parts+=("$name") ;;
  *)
    echo "a sanitizer is thread or address, a part transport or algorithms (actual: \"$name\")" >&2
    exit 64
    ;;
  esac
done
if ((${#sanitizers[@]} == 0)); then sanitizers=(thread address); fi
if ((${#parts[@]} == 0)); then parts=(transport algorithms); fi

passed=()
failed=()

# run SANITIZER PART [TESTS]: builds the part's tests and runs those whose names match, or all of them.
run() {
  local sanitizer=$1 part=$2 filter=()
  if (($# > 2)); then filter=(--filter "$3"); fi
  export COPUR_PART=$part
  echo "== $sanitizer, $part"
  local scratch=.build-sanitize/$sanitizer-$part
  local log=$scratch/report.txt
  swift build --scratch-path "$scratch" --sanitize "$sanitizer" --build-tests || {
    failed+=("$sanitizer-$part")
    return
  }
  # OpenSSL and nghttp2 are not instrumented; what they keep for the process's life is no leak.
  TSAN_OPTIONS=exitcode=66 ASAN_OPTIONS=detect_leaks=0 \
    "$(swift build --scratch-path "$scratch" --sanitize "$sanitizer" --show-bin-path)/copurPackageTests.xctest" \
    --testing-library swift-testing "${filter[@]}" >"$log" 2>&1
  local status=$?
  tail -n 3 "$log"
  if ((status != 0)) || grep -Eq 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log"; then
    grep -E 'ThreadSanitizer|AddressSanitizer|✘' "$log" | head -20
    failed+=("$sanitizer-$part")
  elif ! grep -Eq 'Test run with [1-9][0-9]* test' "$log"; then
    echo "no test was run"
    failed+=("$sanitizer-$part")
  else
    passed+=("$sanitizer-$part")
  fi
}

for part in "${parts[@]}"; do
  for sanitizer in "${sanitizers[@]}"; do
    case "$part-$sanitizer" in
    transport-*) run "$sanitizer" transport ;;
    algorithms-address) run address algorithms '^Copur(Numerics|Purification)Tests' ;;
    esac
  done
done

if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
if ((${#passed[@]} == 0)); then
  echo "nothing to run: the algorithms are run under address only" >&2
  exit 64
fi
echo "passed: ${passed[*]}"
