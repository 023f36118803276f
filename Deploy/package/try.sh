#!/usr/bin/env bash
# Installs the Debian package in a root without Swift and tries it: lintian, the commands, the units' checks, the services
# under a systemd that boots in the root, purging. Needs root and Debian's mirror; says what it found, and fails if a step
# does.
#
#   Deploy/package/try.sh PACKAGE.deb [ROOT.tar]      ROOT.tar is kept for the next time
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# \{0,1\}//p' "$0" | head -n 6 >&2; exit 64; }
[ "$(id -u)" -eq 0 ] || { echo "This makes a root and changes to it: run it as root." >&2; exit 77; }
package=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../packages.sh"
require_packages mmdebstrap lintian systemd systemd-container binutils procps

work=$(mktemp -d)
container=
trap '[ -z "$container" ] || { kill "$container" && wait "$container"; } 2>/dev/null || true
  umount "$work/root/proc" "$work/root/dev" 2>/dev/null || true
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
[ -f "$base" ] || mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$base"
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
systemd-analyze verify --root="$work/root" --man=no copur.service copur-agent@a1.service
echo "nothing to say"
step "systemd-analyze security --offline"
for unit in copur.service copur-agent@.service; do
  systemd-analyze security --offline=yes --root="$work/root" --no-pager "$unit" | tail -n 1
done

step "The services under systemd, which boots in the root: start, six agents (one is a unit), reload, a failure, stop"
# A host without systemd has no scope for the container.
host=()
[ -d /run/systemd/system ] || host=(--register=no --keep-unit)
umount "$work/root/proc" "$work/root/dev"
systemd-nspawn --quiet "${host[@]}" --directory="$work/root" --machine="copur-$$" --link-journal=no --console=pipe --boot \
  >"$work/boot.log" 2>&1 </dev/null &
container=$!
booted() { nsenter --target "$first" --all /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 SYSTEMD_PAGER= "$@"; }
for _ in $(seq 300); do
  first=$(pgrep --parent "$container" || true)
  [ -z "$first" ] || ! booted systemctl is-system-running 2>/dev/null | grep -Eq "running|degraded" || break
  sleep 0.2
done
booted systemctl is-system-running || true
booted sh -ec '
  state() { systemctl show "$1" --property ActiveState,SubState,Result,ExecMainStatus,NRestarts,StatusText | sort | paste -s -d " "; }
  systemctl enable --now copur
  state copur
  cd /root/machines
  cat >/etc/copur/agent-a1.yaml <<END
agent:
  bundle: /var/lib/copur/bundle
  connect: https://127.0.0.1:8001
  rows: /var/lib/copur/a1.csv
  key: sample
  tls-certificate: /etc/copur/tls/agent-a1.pem
  tls-key: /etc/copur/tls/agent-a1.key
  tls-ca: /etc/copur/tls/ca.pem
END
  install -m 640 -g copur certificates/agent-a1.* /etc/copur/tls/
  install -m 644 rows/a1.csv /var/lib/copur/
  systemctl start copur-agent@a1
  for agent in a2 a3 a4 a5 a6; do copur agent --config copur.yaml --agent $agent --rows rows/$agent.csv --log-level error & done
  wait
  copur predict --config copur.yaml --samples 0-59 | tail -n 1
  for _ in $(seq 100); do systemctl is-active --quiet copur-agent@a1 || break; sleep 0.1; done
  state copur-agent@a1
  systemctl reload copur
  sleep 1
  state copur
  echo "killed:"
  systemctl kill --signal KILL copur
  sleep 5
  state copur
  systemctl stop copur
  state copur
  echo "a wrong setting:"
  echo "  bacth: 1" >>/etc/copur/copur.yaml
  ! systemctl start copur 2>/dev/null
  sleep 3
  state copur
  sed -i "\$ d" /etc/copur/copur.yaml
  echo "in the journal: $(journalctl --unit copur --grep "read again" --output cat | wc -l) read again;" \
    "of priority warning or worse: $(journalctl --unit copur --priority warning --output cat | wc -l)"
  ls -l /var/lib/copur
'
booted systemctl poweroff >/dev/null 2>&1 || true
wait "$container" || true
container=
mount --bind /dev "$work/root/dev"
mount -t proc proc "$work/root/proc"

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
