#!/usr/bin/env bash
# Installs the Debian package in a root without Swift and tries it: lintian, the commands, the unit's checks, a service as
# the unit starts it, purging. Needs root, mmdebstrap and Debian's mirror; says what it found, and fails if a step does.
#
#   Deploy/package/try.sh PACKAGE.deb [ROOT.tar]      ROOT.tar is kept for the next time
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# \{0,1\}//p' "$0" | head -n 5 >&2; exit 64; }
[ "$(id -u)" -eq 0 ] || { echo "This makes a root and changes to it: run it as root." >&2; exit 77; }
package=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../packages.sh"
require_packages mmdebstrap lintian systemd binutils python3

work=$(mktemp -d)
running=
reader=
trap '[ -z "$running$reader" ] || kill $running $reader 2>/dev/null || true; umount "$work/root/proc" "$work/root/dev" 2>/dev/null || true
  rm -rf --one-file-system "$work"' EXIT
base=${2:-$work/base.tar}
step() { printf '\n== %s\n' "$*"; }

step "Package: $(basename "$package")"
ls --size --block-size=K "$package" | awk '{ print "package: " $1 }'
dpkg-deb --field "$package" Version Installed-Size Depends

step "lintian"
lintian --fail-on error,warning "$package" || {
  echo "lintian found something" >&2
  exit 1
}

step "A root of Debian 12 without Swift"
[ -f "$base" ] || mmdebstrap --quiet --variant=minbase bookworm "$base"
mkdir "$work/root"
tar --extract --file "$base" --directory "$work/root"
mount --bind /dev "$work/root/dev"
mount -t proc proc "$work/root/proc"
cp /etc/resolv.conf "$work/root/etc/resolv.conf" 2>/dev/null || true
cp "$package" "$work/root/tmp/"
inside() { chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
before=$(du --summarize --one-file-system --block-size=M "$work/root" | cut -f 1)
inside sh -c 'apt-get -qq update && apt-get -qq install --yes --no-install-recommends "/tmp/$0" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; exit 1; }' \
  "$(basename "$package")"
inside rm -rf /var/lib/apt/lists /var/cache/apt
echo "root: $before before, $(du --summarize --one-file-system --block-size=M "$work/root" | cut -f 1) with the package"
! inside sh -c 'command -v swift || find / -xdev -name "libswift*" | grep .' || { echo "there is Swift in the root" >&2; exit 1; }
inside ldd /usr/bin/copur
inside copur --version

step "A user's first commands"
inside sh -ec '
  cd /root
  copur new machines
  cd machines
  copur run scenario.yaml --in-process --out results | sed -n 1,11p
  copur run scenario.yaml --out over-the-network | sed -n 1,1p
  copur train scenario.yaml --defense auto --out bundle >/dev/null
  copur certs certificates --agents a1 a2 a3 a4 a5 a6 >/dev/null
  cp -r bundle /var/lib/copur/
  install -m 644 certificates/server.pem certificates/ca.pem /etc/copur/tls/
  install -m 640 -g copur certificates/server.key /etc/copur/tls/
  chown -R copur:copur /var/lib/copur/bundle
'

step "The settings that are installed"
inside copur config serve --config /etc/copur/copur.yaml | sed -n 1,14p

step "systemd-analyze verify"
systemd-analyze verify --root="$work/root" --man=no copur.service copur-agent@a1.service && echo "nothing to say"
step "systemd-analyze security --offline"
for unit in copur.service copur-agent@.service; do
  systemd-analyze security --offline=yes --root="$work/root" --no-pager "$unit" | tail -n 1
done

step "The service as its unit starts it: user, command, settings, word to a manager; six agents; SIGHUP; SIGTERM"
command=$(sed -n 's/^ExecStart=//p' "$work/root/usr/lib/systemd/system/copur.service")
# Nothing here runs systemd, so this reads what it would be told.
python3 -u - "$work/root/run/notify" >"$work/notices" <<'END' &
import os, socket, sys

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(manager.recv(4096).decode().replace("\n", "; "))
END
reader=$!
until_told() {
  for _ in $(seq 300); do
    ! grep -q "$1" "$work/notices" || return 0
    kill -0 "$running" 2>/dev/null || break
    sleep 0.1
  done
  echo "the manager was not told $1" >&2
  cat "$work/service.log" >&2
  return 1
}
until [ -S "$work/root/run/notify" ]; do sleep 0.1; done
# shellcheck disable=SC2086
chroot --userspec=copur:copur "$work/root" /usr/bin/env -i PATH=/usr/bin:/bin NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=30000000 \
  sh -c "cd /var/lib/copur && umask 077 && exec $command" >"$work/service.out" 2>"$work/service.log" &
running=$!
until_told READY=1
cat "$work/service.out"
inside sh -ec '
  cd /root/machines
  for agent in a1 a2 a3 a4 a5 a6; do copur agent --config copur.yaml --agent $agent --rows rows/$agent.csv --log-level error & done
  wait
  copur predict --config copur.yaml --samples 0-59 | tail -n 1
'
kill -HUP "$running"
until_told "RELOADING=1"
sleep 1
kill -TERM "$running"
wait "$running" && echo "the service ended with 0"
running=
kill "$reader"
reader=
echo "the manager was told:"
uniq "$work/notices" | sed 's/^/  /'
grep -c "read again" "$work/service.log" | sed 's/^/read again, lines in the log: /'
inside ls -l /var/lib/copur

step "Manual, completions, removal, purge"
inside sh -ec '
  ls /usr/share/man/man1/copur*.1.gz | wc -l
  bash -c "source /usr/share/bash-completion/completions/copur && complete -p copur"
  apt-get -qq remove --yes copur >/dev/null 2>&1
  ls -d /var/lib/copur/bundle /etc/copur/copur.yaml
  dpkg --purge copur >/dev/null 2>&1
  ! ls -d /var/lib/copur /usr/bin/copur 2>/dev/null
'
echo "kept by removal, gone after a purge"
