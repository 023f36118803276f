#!/bin/sh
# Writes Commit.swift: the commit of a checkout, with "+changes" where files differ from it. The file is left alone where it
# says so already, so that nothing is built anew. Without git, or in a folder that is no checkout, the commit is unknown.
#
#   write-commit.sh CHECKOUT OUTPUT_FOLDER
set -eu
checkout=$1
folder=$2
mkdir -p "$folder"

# The checkout may belong to somebody else than who builds it.
git_of_checkout() { git -c safe.directory='*' -C "$checkout" "$@" 2>/dev/null; }

commit=unknown
top=$(git_of_checkout rev-parse --show-toplevel) || top=
# A copy of the sources inside another repository is not that repository's commit.
if [ -n "$top" ] && [ "$(cd "$top" && pwd -P)" = "$(cd "$checkout" && pwd -P)" ]; then
  commit=$(git_of_checkout rev-parse HEAD) || commit=unknown
  if [ "$commit" != unknown ] && [ -n "$(git_of_checkout status --porcelain --untracked-files=no)" ]; then
    commit=$commit+changes
  fi
fi

new=$folder/.Commit.swift.new
cat >"$new" <<END
/// The commit that this program was built from, "unknown" outside a checkout, with "+changes" where files differed from it.
let copurCommit = "$commit"
END
if cmp -s "$new" "$folder/Commit.swift"; then rm "$new"; else mv "$new" "$folder/Commit.swift"; fi
