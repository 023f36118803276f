#!/usr/bin/env bash
# Checks what the compiler does not: formatting, layers, embedded pages, generated code. All checks run; the end names
# those that failed.
#
#   Deploy/dev/check.sh [formatting] [layers] [web] [generated]     without names, all of them
#
# Exit status: 0 all passed, 1 a check failed, 64 a name is unknown.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# Formatting: swift-format's rules and the layout of .swift-format, in all Swift files that people write.
check_formatting() {
  local files=()
  mapfile -d '' files < <(
    find Package.swift Sources Tests Deploy/plugins -name '*.swift' ! -name '*.pb.swift' ! -name '*.grpc.swift' -print0)
  if ((${#files[@]} < 2)); then
    echo "no Swift files found under $PWD"
    return 1
  fi
  swift format lint --strict --parallel "${files[@]}"
}

# Layers: each module imports what Deploy/dev/layers.txt allows it, and the list is about the modules that there are.
check_layers() {
  local sources=()
  mapfile -d '' sources < <(find Sources -name '*.swift' -print0 | sort -z)
  if ((${#sources[@]} == 0)); then
    echo "no Swift files found under $PWD/Sources"
    return 1
  fi
  awk '
    function fail(text) { print text; failed = 1 }
    FILENAME == list {
      sub(/#.*/, "")
      if (NF == 0) next
      if ($1 !~ /:$/) { fail(list ":" FNR ": expected \"module: imports\" (actual: \"" $0 "\")"); next }
      module = substr($1, 1, length($1) - 1)
      listed[module] = FNR
      for (i = 2; i <= NF; i++) allowed[module, $i] = 1
      next
    }
    {
      split(FILENAME, path, "/")
      module = path[2]
      seen[module] = 1
    }
    /^[ \t]*(@[A-Za-z_]+(\([^)]*\))?[ \t]+)*((public|package|internal|fileprivate|private)[ \t]+)?import[ \t]/ {
      line = $0
      sub(/^.*import[ \t]+/, "", line)
      sub(/^(typealias|struct|class|enum|protocol|let|var|func|actor|macro)[ \t]+/, "", line)
      sub(/[^A-Za-z0-9_].*$/, "", line)
      if (!(module in listed)) next
      if (!((module, line) in allowed) && !(("*", line) in allowed))
        fail(FILENAME ":" FNR ": " module " may not import " line " (" list ":" listed[module] ")")
    }
    END {
      for (module in seen) if (!(module in listed)) fail("Sources/" module ": the module is not listed in " list)
      for (module in listed) if (module != "*" && !(module in seen)) fail(list ":" listed[module] ": there is no module " module)
      exit failed
    }
  ' list=Deploy/dev/layers.txt Deploy/dev/layers.txt "${sources[@]}"
}

# Embedded pages: well-formed HTML, CSS, JavaScript and JSON, and nothing is loaded from elsewhere.
check_web() {
  local folders=()
  mapfile -d '' folders < <(find Sources -mindepth 2 -maxdepth 2 -type d -name Resources -print0 | sort -z)
  python3 Deploy/dev/check-web.py "${folders[@]}"
}

# Generated code: what lies under Sources is what the .proto files give.
check_generated() {
  if [[ -x Deploy/dev/generate.sh ]]; then
    Deploy/dev/generate.sh --check
  elif [[ -n "$(find Sources \( -name '*.pb.swift' -o -name '*.grpc.swift' \) -print -quit)" ]]; then
    echo "there is generated code under Sources, but no Deploy/dev/generate.sh to compare it with"
    return 1
  else
    echo "no code is generated"
  fi
}

checks=("$@")
if ((${#checks[@]} == 0)); then checks=(formatting layers web generated); fi
for check in "${checks[@]}"; do
  if [[ ! "$check" =~ ^(formatting|layers|web|generated)$ ]]; then
    echo "a check is formatting, layers, web or generated (actual: \"$check\")" >&2
    exit 64
  fi
done

failed=()
for check in "${checks[@]}"; do
  echo "== $check"
  "check_$check" || failed+=("$check")
done

if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
echo "passed: ${checks[*]}"
