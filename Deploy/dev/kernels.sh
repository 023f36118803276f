#!/usr/bin/env bash
# Runs the tests whose results could depend on how a machine rounds, under each of OpenBLAS's kernels that are named, and
# trains and attacks one small scenario under each, whose predictions and weights have to be the same everywhere. Where
# qemu-user is there (Debian's package; installed if missing), that scenario also runs on emulated processors: one without
# AVX-512, one that is ten years old.
#
#   Deploy/dev/kernels.sh [KERNEL…]       by default Haswell Zen SkylakeX; the end says which others this machine can run
#
# Exit status: 0 all passed, 1 a kernel failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
source Deploy/packages.sh

require_build dataset-fashion-mnist qemu-user || exit
swift build --configuration release --build-tests >&2 || exit 1
copur=$(swift build --configuration release --show-bin-path)/copur
kernels=("$@")
if ((${#kernels[@]} == 0)); then kernels=(Haswell Zen SkylakeX); fi
known=(Prescott Core2 Nehalem Sandybridge Haswell Zen SkylakeX Cooperlake SapphireRapids)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/small.yaml" <<'END'
name: kernels
dataset: { kind: fashion-mnist, train_rows: 1000, test_rows: 300 }
agents: [top-left, top-right, bottom-left, bottom-right]
training: { embedding: 8, epochs: 5, learning_rate: 0.01, hidden: 32, slope: 0, optimizer: adam, agent_dropout: 0.3,
  fusion: { epochs: 10, learning_rate: 0.02 } }
manifold: { kind: linear, code: auto }
defenses: [unsecured, copur]
attacks:
  - { name: clean }
  - { name: flip, kind: feature-flipping, agents: [bottom-right], amplification: 10 }
  - { name: pgd, kind: pgd, goal: targeted, target: Bag, agents: [bottom-right], step: 0.5, iterations: 30 }
END

failed=()
# What the small scenario gives: predictions and the digest of the weights. On the first call it is what is expected.
compare() { # NAME COMMAND…
  local name=$1
  shift
  if ! "$@" run "$scratch/small.yaml" --in-process --no-cache --predictions --out "$scratch/$name" >/dev/null; then
    failed+=("$name: the scenario")
    return
  fi
  [[ -e $scratch/expected ]] || cp "$scratch/$name/predictions.csv" "$scratch/expected"
  cmp "$scratch/expected" "$scratch/$name/predictions.csv" || failed+=("$name: other predictions")
  grep -o '"\(kernel\|instructions\)" : "[^"]*"' "$scratch/$name/run.json" | tr '\n' ' '
  echo "$(cksum <"$scratch/$name/predictions.csv" | cut -d' ' -f1)"
}

for kernel in "${kernels[@]}"; do
  echo "== $kernel"
  compare "$kernel" env OPENBLAS_CORETYPE="$kernel" "$copur"
  OPENBLAS_CORETYPE=$kernel swift test --configuration release --skip-build \
    --filter 'CopurNumerics|CopurLearning|CopurCore|CopurPurification|CopurDefenses|CopurAttacks|CopurScenarios|DrillTests|RunTests|KernelTests' \
    2>&1 | grep -E '^✘|Test run with' | tail -40
  [[ ${PIPESTATUS[0]} == 0 ]] || failed+=("$kernel: tests")
done

echo "== no kernel named: the pinned one"
compare pinned env -u OPENBLAS_CORETYPE "$copur"
echo "== the machine's own: --kernel native"
compare native env -u OPENBLAS_CORETYPE COPUR_KERNEL=native "$copur"
for processor in Haswell EPYC; do
  echo "== emulated processor: $processor"
  compare "emulated-$processor" env OPENBLAS_CORETYPE=Haswell qemu-x86_64 -cpu "$processor" "$copur" \
    2> >(grep -v "TCG doesn't support requested feature" >&2)
done

others=()
for kernel in "${known[@]}"; do
  [[ " ${kernels[*]} " == *" $kernel "* ]] && continue
  # OpenBLAS takes another kernel where it knows that the processor lacks something, or the process ends by SIGILL.
  used=$(OPENBLAS_CORETYPE=$kernel "$copur" bench products --repeats 1 2>/dev/null | sed -n 's/.*, kernel \([^;]*\);.*/\1/p')
  [[ ${used,,} == "${kernel,,}" ]] && others+=("$kernel")
done
echo "other kernels that this machine can run: ${others[*]:-none}"

if ((${#failed[@]} > 0)); then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "passed: ${kernels[*]}, pinned, native, emulated"
