#!/usr/bin/env bash
# Runs the tests of the transport (CopurTLS, CopurHTTP2, CopurGRPC) under a sanitizer, built apart from the others.
#
#   Deploy/dev/sanitize.sh [thread] [address]     without names, both
#
# Exit status: 0 no report and no failed test, 1 otherwise, 64 a name is unknown.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export COPUR_PART=transport

names=("$@")
if ((${#names[@]} == 0)); then names=(thread address); fi
for name in "${names[@]}"; do
  if [[ ! "$name" =~ ^(thread|address)$ ]]; then
    echo "a sanitizer is thread or address (actual: \"$name\")" >&2
    exit 64
  fi
done

failed=()
for name in "${names[@]}"; do
  echo "== $name"
  scratch=.build-sanitize/$name
  log=$scratch/report.txt
  swift build --scratch-path "$scratch" --sanitize "$name" --build-tests || {
    failed+=("$name")
    continue
  }
  # OpenSSL and nghttp2 are not instrumented; what they keep for the process's life is no leak.
  TSAN_OPTIONS=exitcode=66 ASAN_OPTIONS=detect_leaks=0 \
    "$(swift build --scratch-path "$scratch" --sanitize "$name" --show-bin-path)/copurPackageTests.xctest" \
    --testing-library swift-testing >"$log" 2>&1
  status=$?
  tail -n 3 "$log"
  if ((status != 0)) || grep -Eq 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log"; then
    grep -E 'ThreadSanitizer|AddressSanitizer|✘' "$log" | head -20
    failed+=("$name")
  fi
done

if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
echo "passed: ${names[*]}"
