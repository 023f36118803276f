#!/usr/bin/env bash
# Checks what the compiler does not: formatting, layers, embedded pages, links, generated code. All checks run; the end
# names those that failed.
#
#   Deploy/dev/check.sh [formatting] [layers] [web] [links] [generated]     without names, all of them
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

# The imports of Swift files under folders: file, line and module, with a tab between two. Line 0 stands for the file itself.
imports_in() {
  find "$@" -name '*.swift' -print0 | sort -z | xargs -0 -r awk '
    FNR == 1 { print FILENAME "\t0\t" }
    /^[ \t]*(@[A-Za-z_]+(\([^)]*\))?[ \t]+)*((public|package|internal|fileprivate|private)[ \t]+)?import[ \t]/ {
      line = $0
      sub(/^.*import[ \t]+/, "", line)
      sub(/^(typealias|struct|class|enum|protocol|let|var|func|actor|macro)[ \t]+/, "", line)
      sub(/[^A-Za-z0-9_].*$/, "", line)
      print FILENAME "\t" FNR "\t" line
    }
  '
}

# Layers: each module imports what Deploy/dev/layers.txt allows it and all of that, the list is about the modules that there
# are, and each target of Package.swift imports what it depends on.
check_layers() {
  local imports failed=0
  imports=$(imports_in Sources Tests)
  if [[ "$imports" != Sources/* ]]; then
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
      for (i = 2; i <= NF; i++) { allowed[module, $i] = 1; imports[FNR, i] = $i }
      count[module] = NF
      next
    }
    /^Sources\// {
      split($0, field, "\t")
      split($0, path, "/")
      module = path[2]
      seen[module] = 1
      used[module, field[3]] = 1
      if (field[2] == 0 || !(module in listed)) next
      if (!((module, field[3]) in allowed) && !(("*", field[3]) in allowed))
        fail(field[1] ":" field[2] ": " module " may not import " field[3] " (" list ":" listed[module] ")")
    }
    END {
      for (module in seen) if (!(module in listed)) fail("Sources/" module ": the module is not listed in " list)
      for (module in listed) {
        if (module == "*") continue
        if (!(module in seen)) { fail(list ":" listed[module] ": there is no module " module); continue }
        for (i = 2; i <= count[module]; i++) {
          name = imports[listed[module], i]
          if (!((module, name) in used)) fail(list ":" listed[module] ": " module " does not import " name)
        }
      }
      exit failed
    }
  ' list=Deploy/dev/layers.txt Deploy/dev/layers.txt <(echo "$imports") || failed=1
  check_dependencies "$imports" || failed=1
  return "$failed"
}

# Dependencies: what a target of Package.swift depends on, one of its files imports. An executable is built, not imported. A
# product is imported by its own name.
check_dependencies() {
  local manifest scratch
  # A folder of its own, so that it does not wait for a build.
  scratch=$(mktemp -d)
  manifest=$(env -u COPUR_PART swift package --scratch-path "$scratch" dump-package)
  rm -rf "$scratch"
  awk '
    function fail(text) { print text; failed = 1 }
    function unquoted(text) { sub(/^[^"]*"/, "", text); sub(/".*$/, "", text); return text }
    FILENAME != "-" {
      split($0, field, "\t")
      split(field[1], path, "/")
      used[path[2], field[3]] = 1
      next
    }
    # The manifest as JSON: a value a line, the targets at an indentation of four.
    /^  "targets"/ { inTargets = 1 }
    /^  \]/ { inTargets = 0 }
    !inTargets { next }
    /^    \{/ { name = ""; type = ""; count = 0; inDependencies = 0 }
    /^      "dependencies"/ { inDependencies = 1 }
    /^      \]/ { inDependencies = 0 }
    inDependencies && isNext { dependencies[++count] = unquoted($0); isNext = 0 }
    inDependencies && /^          "(product|byName|target)"/ { isNext = 1 }
    /^      "name"/ { sub(/^[^:]*:/, ""); name = unquoted($0) }
    /^      "type"/ { sub(/^[^:]*:/, ""); type = unquoted($0) }
    /^    \}/ {
      types[name] = type
      targets++
      for (i = 1; i <= count; i++) { pairs++; target[pairs] = name; dependency[pairs] = dependencies[i] }
    }
    END {
      if (pairs == 0) fail("Package.swift: no dependencies of targets found (targets: " targets + 0 ")")
      for (i = 1; i <= pairs; i++)
        if (types[dependency[i]] != "executable" && !((target[i], dependency[i]) in used))
          fail("Package.swift: " target[i] " depends on " dependency[i] " and does not import it")
      exit failed
    }
  ' <(echo "$1") - <<<"$manifest"
}

# Embedded pages: well-formed HTML, CSS, JavaScript and JSON, and nothing is loaded from elsewhere.
check_web() {
  local folders=()
  mapfile -d '' folders < <(find Sources -mindepth 2 -maxdepth 2 -type d -name Resources -print0 | sort -z)
  python3 Deploy/dev/check-web.py "${folders[@]}"
}

# Links of Markdown files and of the articles in catalogues. Those in doc comments are checked by Deploy/dev/docs.sh, which
# needs a build.
check_links() { python3 Deploy/dev/check-links.py; }

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
if ((${#checks[@]} == 0)); then checks=(formatting layers web links generated); fi
for check in "${checks[@]}"; do
  if [[ ! "$check" =~ ^(formatting|layers|web|links|generated)$ ]]; then
    echo "a check is formatting, layers, web, links or generated (actual: \"$check\")" >&2
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
