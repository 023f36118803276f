#!/usr/bin/env bash
# Generates Sources/CopurWire/Generated from Protocols with protoc and the plugins that SwiftPM resolved.
#
#   Deploy/dev/generate.sh           writes the files
#   Deploy/dev/generate.sh --check   exits 1 and shows the difference if the files are stale
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
committed=$root/Sources/CopurWire/Generated

case ${1:-} in
  "" | --check) ;;
  *)
    echo "usage: generate.sh [--check] (actual: $*)" >&2
    exit 64
    ;;
esac

if ! command -v protoc >/dev/null; then
  echo "generate.sh: protoc is missing: apt-get install protobuf-compiler" >&2
  exit 69
fi

for plugin in protoc-gen-swift protoc-gen-grpc-swift-2; do
  swift build --package-path "$root" -c release --product "$plugin" >&2
done
bin=$(swift build --package-path "$root" -c release --show-bin-path)

# The plugins run on the machine that builds; SwiftPM adds `-tool` to the name where it keeps both kinds.
plugin() {
  for candidate in "$bin/$1" "$bin/$1-tool"; do
    if [[ -x $candidate ]]; then
      echo "$candidate"
      return
    fi
  done
  echo "generate.sh: no $1 in $bin" >&2
  exit 70
}

message_plugin=$(plugin protoc-gen-swift)
service_plugin=$(plugin protoc-gen-grpc-swift-2)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

cd "$root/Protocols"
mapfile -t protocols < <(find copur -name '*.proto' | sort)
mapfile -t services < <(grep -l '^service ' "${protocols[@]}")
protoc --proto_path=. --plugin=protoc-gen-swift="$message_plugin" --swift_out="$fresh" \
  --swift_opt=Visibility=Public --swift_opt=UseAccessLevelOnImports=true --swift_opt=FileNaming=DropPath \
  "${protocols[@]}"
protoc --proto_path=. --plugin=protoc-gen-grpc-swift-2="$service_plugin" --grpc-swift-2_out="$fresh" \
  --grpc-swift-2_opt=Visibility=Public --grpc-swift-2_opt=UseAccessLevelOnImports=true \
  --grpc-swift-2_opt=FileNaming=DropPath \
  "${services[@]}"

if [[ ${1:-} == --check ]]; then
  if ! diff -ru "$committed" "$fresh"; then
    echo "generate.sh: Sources/CopurWire/Generated is stale: run Deploy/dev/generate.sh" >&2
    exit 1
  fi
else
  mkdir -p "$committed"
  find "$committed" -name '*.swift' -delete
  cp "$fresh"/*.swift "$committed"/
fi
