#!/usr/bin/env bash
# Builds what is installed and released: a Debian package that needs no Swift on the machine, its debugging symbols, and an
# archive for other systems.
#
#   Deploy/package/build.sh [--binary FILE] [OUT]      what is built goes to OUT (dist)
#
# Swift's standard library and Foundation are linked statically; other libraries are Debian's, and the package depends on
# them. --binary packages a program that is built already, to try the layout. The version is the program's own; between
# releases, that is without a tag vVERSION on the commit, it sorts before it and names the commit.
#
# The maintainer is $DEBFULLNAME <$DEBEMAIL>.
set -euo pipefail
cd "$(dirname "$0")/../.."
source Deploy/packages.sh

binary=
out=dist
while [ $# -gt 0 ]; do
  case $1 in
    --binary)
      binary=${2:?--binary FILE}
      shift 2
      ;;
    -*)
      echo "There is no option $1: Deploy/package/build.sh [--binary FILE] [OUT]" >&2
      exit 64
      ;;
    *)
      out=$1
      shift
      ;;
  esac
done

require_packages binutils chrpath dpkg-dev gzip python3 xz-utils zstd
if [ -z "$binary" ]; then
  require_build
  # A folder of its own: options of the linker are options of every module.
  scratch=.build-package
  swift build --configuration release --product copur --static-swift-stdlib --scratch-path "$scratch" \
    -Xlinker --build-id=sha1 >&2
  binary=$(swift build --configuration release --static-swift-stdlib --scratch-path "$scratch" --show-bin-path)/copur
fi
binary=$(realpath "$binary")
mkdir -p "$out"
out=$(realpath "$out")

# Names and times that follow from the commit, so that the same commit gives the same files.
number=$(sed -n 's/^public let copurVersionString = "\(.*\)"$/\1/p' Sources/CopurScenarios/Version.swift)
[ -n "$number" ] || { echo "Sources/CopurScenarios/Version.swift names no version" >&2; exit 65; }
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
if [ "$(git tag --points-at HEAD --list "v$number")" ] && [ -z "$(git status --porcelain)" ]; then
  version=$number
else
  version=$number~git$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y%m%d).$(git rev-parse --short HEAD)
  [ -z "$(git status --porcelain --untracked-files=no)" ] || version+=.changed
fi
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-The copur developers} <${DEBEMAIL:-copur@example.com}>"
day=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%d)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
place() { install -D --mode="$1" "$2" "$root$3"; }

# The program, and apart from it what a debugger reads.
place 755 "$binary" /usr/bin/copur
program=$root/usr/bin/copur
id=$(readelf --notes "$program" | sed -n 's/^ *Build ID: *//p' | head -n 1)
symbols=$work/symbols/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
if [ -n "$id" ]; then
  install -d "$(dirname "$symbols")"
  objcopy --only-keep-debug --compress-debug-sections "$program" "$symbols"
  chmod 644 "$symbols"
fi
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$program"
# Libraries are looked for where Debian has them.
chrpath --delete "$program" >/dev/null 2>&1 || true

# Manual pages and completions, from what the program says of itself.
install -d "$root/usr/share/man/man1"
"$binary" --experimental-dump-help | Deploy/package/manual.py "$number" "$day" "$root/usr/share/man/man1"
completion() {
  install -d "$root$(dirname "$2")"
  # Shells read it into themselves, so it is no program of its own.
  "$binary" --generate-completion-script "$1" | sed '1{/^#!/d}' >"$root$2"
}
completion bash /usr/share/bash-completion/completions/copur
completion zsh /usr/share/zsh/vendor-completions/_copur
completion fish /usr/share/fish/vendor_completions.d/copur.fish

# What scenarios and clients start from.
install -d "$root/usr/share/copur"
cp --recursive scenarios Protocols "$root/usr/share/copur/"
mv "$root/usr/share/copur/Protocols" "$root/usr/share/copur/protocols"
find "$root/usr/share/copur" -type f -exec chmod 644 {} +
find "$root/usr/share/copur" -type d -exec chmod 755 {} +

# The archive: a folder that can stand anywhere, with the sums of all that is in it.
name=copur-$version-linux-$(uname -m)
tree=$work/$name
install -d "$tree"
cp --recursive "$root/usr/." "$tree/"
install --mode=644 LICENSE CHANGELOG.md "$tree/"
install -D --mode=644 -t "$tree/lib/systemd/system" Deploy/package/*.service
install -D --mode=644 -t "$tree/etc" Deploy/package/copur.yaml
{
  echo "copur $version for Linux, $(uname -m). It needs no Swift; it needs these shared libraries:"
  echo
  readelf --dynamic "$program" | sed -n 's/.*Shared library: \[\(.*\)\]/- \1/p'
  echo
  echo 'bin/copur can stand anywhere. `man -M share/man copur` has the manual, share/copur the scenarios, lib/systemd/system'
  echo 'the units and etc/copur.yaml the settings that a service begins with.'
} >"$tree/README.md"
(cd "$tree" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
tar --create --directory="$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" "$name" |
  zstd --quiet -19 --threads=0 --force -o "$out/$name.tar.zst"

# The package: the same in Debian's places, compressed as policy asks for.
gzip --best --no-name "$root"/usr/share/man/man1/*.1
place 644 Deploy/package/copur.service /usr/lib/systemd/system/copur.service
place 644 Deploy/package/copur-agent@.service /usr/lib/systemd/system/copur-agent@.service
place 644 Deploy/package/copur.yaml /etc/copur/copur.yaml
install -d "$root/etc/copur/tls" "$root/var/lib/copur"
place 644 Deploy/package/README.Debian /usr/share/doc/copur/README.Debian
place 644 Deploy/package/copyright /usr/share/doc/copur/copyright
place 644 Deploy/package/lintian-overrides /usr/share/lintian/overrides/copur
gzip --best --no-name --stdout CHANGELOG.md >"$root/usr/share/doc/copur/changelog.gz"
{
  echo "copur ($version-1) unstable; urgency=medium"
  echo
  echo "  * Built from commit $(git rev-parse HEAD)."
  echo "    What is new is in changelog.gz."
  echo
  echo " -- $maintainer  $(date --utc --date="@$SOURCE_DATE_EPOCH" --rfc-email)"
} | gzip --best --no-name >"$root/usr/share/doc/copur/changelog.Debian.gz"

# What the program is linked with, as packages and the least versions of them.
install -d "$work/source/debian"
printf 'Source: copur\n\nPackage: copur\nArchitecture: any\n' >"$work/source/debian/control"
depends=$(cd "$work/source" && dpkg-shlibdeps -O --ignore-missing-info "$program" | sed -n 's/^shlibs:Depends=//p')

# control_of PACKAGE SECTION DEPENDS ROOT: the fields that both packages have.
control_of() {
  echo "Package: $1"
  echo "Version: $version-1"
  echo "Architecture: $architecture"
  echo "Maintainer: $maintainer"
  echo "Installed-Size: $(du --summarize --block-size=1K --apparent-size "$4" | cut -f 1)"
  echo "Depends: $3"
  echo "Section: $2"
  echo "Priority: optional"
}

# finish ROOT FILE: sums, owners and the archive.
finish() {
  (cd "$1" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$1" "$2" >&2
}

install -d "$root/DEBIAN"
{
  control_of copur science "adduser, $depends" "$root"
  cat <<'END'
Suggests: dataset-fashion-mnist
Description: fusion center for robust collaborative inference, and a simulator
 Several parties each see a part of a sample, and one of them may lie. copur is
 a server that predicts from what they send and says how many liars its answer
 withstands, the agents that send, and a simulator that attacks them.
 .
 This package has the program, services for systemd, scenarios and protocols.
END
} >"$root/DEBIAN/control"
echo /etc/copur/copur.yaml >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install --mode=755 "Deploy/package/$script" "$root/DEBIAN/$script"; done
finish "$root" "$out/copur_$version-1_$architecture.deb"

if [ -n "$id" ]; then
  install -d "$work/symbols/DEBIAN"
  {
    control_of copur-dbgsym debug "copur (= $version-1)" "$work/symbols"
    echo "Build-Ids: $id"
    echo "Description: debug symbols for copur"
  } >"$work/symbols/DEBIAN/control"
  finish "$work/symbols" "$out/copur-dbgsym_$version-1_$architecture.deb"
fi

(cd "$out" && sha256sum -- *"$version"* >SHA256SUMS)
ls --size --block-size=K "$out"
