#!/usr/bin/env bash
# Plays a new user's first commands on a bare machine: a root of Debian 12 (minbase) that debootstrap makes, with Swift's
# archive in /opt/swift, a fresh clone of this repository, and nothing else.
#
#   Deploy/dev/bare.sh [--log FILE] [--keep FOLDER] [COMMAND…]
#
# Without a COMMAND these are Deploy/quickstart.sh, Deploy/test.sh, and the first of them again after the clone was moved:
# some 40 minutes of two cores, 10 GB of disk in $TMPDIR. What they print goes to FILE (runs/bare.log). The root is made in
# FOLDER and stays there; the next call uses it again, with the newest commit: no longer bare, but quick to try things in.
#
# The root reaches packages as this machine does: it takes over apt's sources, git's url.*.insteadOf, pip's settings,
# proxies and added certificates. Commands see no other variable of this environment than those and OPENBLAS_*. With
# $COPUR_DATA they have the real sensor data. Swift is the one that is found here.
#
# Exit status: 0 all passed, 1 a command failed, 64 a wrong option, 77 this cannot be played here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source Deploy/packages.sh

log=runs/bare.log
kept=
while (($# > 0)); do
  case $1 in
    --log | --keep)
      [[ -n "${2:-}" ]] || { echo "$1 needs a value" >&2 && exit 64; }
      if [[ $1 == --log ]]; then log=$2; else kept=$2; fi
      shift 2
      ;;
    -*)
      echo "usage: bare.sh [--log FILE] [--keep FOLDER] [COMMAND…] (actual: $1)" >&2
      exit 64
      ;;
    *) break ;;
  esac
done
commands=("$@")
if ((${#commands[@]} == 0)); then
  commands=(Deploy/quickstart.sh Deploy/test.sh "mv ../copur ../moved && cd ../moved && Deploy/quickstart.sh")
fi

skip() {
  echo "skipped: $*" >&2
  exit 77
}
(($(id -u) == 0)) || skip "making a root needs root"
# Namespaces of mounts and processes: whatever ends the play ends and unmounts all that it started and mounted.
namespaces=(unshare --mount --pid --fork --kill-child --propagation private)
"${namespaces[@]}" true || skip "this kernel gives no namespaces of mounts and processes"
find_swift || exit 77
swift=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1|p')
[[ -x $swift/bin/swift && $swift != /usr ]] || skip "Swift was not unpacked from its archive: $(command -v swift)"
require_packages debootstrap || exit 77

mkdir -p "$(dirname "$log")"
log=$(realpath "$log")
: >"$log"
say() { echo "$*" | tee -a "$log"; }

player=
work=${kept:-$(mktemp -d)}
clean_up() {
  if [[ -n $player ]]; then { kill -KILL "$player" && wait "$player"; } 2>/dev/null || true; fi
  if [[ -z $kept ]]; then rm -rf --one-file-system "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$work"
work=$(realpath "$work")
root=$work/root
mounts=$work/mounts
clone=$root/root/copur

# make_root: Debian 12, which reaches packages as this machine does.
make_root() {
  debootstrap --variant=minbase bookworm "$root" >>"$log" 2>&1
  cp /etc/hosts /etc/resolv.conf "$root/etc/"
  local name key value
  if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then
    for name in sources.list.d trusted.gpg trusted.gpg.d keyrings preferences preferences.d; do
      if [[ -e /etc/apt/$name ]]; then cp -rT "/etc/apt/$name" "$root/etc/apt/$name"; fi
    done
    if [[ -e /etc/apt/sources.list ]]; then
      cp /etc/apt/sources.list "$root/etc/apt/"
    else
      rm -f "$root/etc/apt/sources.list"
    fi
    cp -rnT /usr/share/keyrings "$root/usr/share/keyrings"
  fi
  apt-config dump | grep '^Acquire::' | grep -v IndexTargets >"$root/etc/apt/apt.conf.d/99host"
  if [[ -d /usr/local/share/ca-certificates ]]; then
    cp -rT /usr/local/share/ca-certificates "$root/usr/local/share/ca-certificates"
  fi
  while read -r key value; do
    git config --file "$root/etc/gitconfig" --add "$key" "$value"
  done < <(git config --get-regexp '^(url\..*\.insteadof|http\.proxy)$')
  for name in .config/pip/pip.conf .pip/pip.conf; do
    if [[ -f ~/$name ]]; then install -D -m 644 ~/"$name" "$root/root/$name"; fi
  done
  if [[ -f /etc/pip.conf ]]; then cp /etc/pip.conf "$root/etc/"; fi
}

# list_mounts: folder, a tab, and where it is mounted in the root, to be read only.
list_mounts() {
  printf '%s\t/opt/swift/usr\n' "$swift"
  if [[ -n "${COPUR_DATA:-}" ]]; then printf '%s\t/data\n' "$(realpath "$COPUR_DATA")"; fi
  # Folders that git and pip fetch from.
  {
    { git config --name-only --get-regexp '^url\..*\.insteadof$' || true; } | sed 's|^url\.\(file://\)\?\(.*\)\.insteadof$|\2|'
    { env && cat /etc/pip.conf ~/.config/pip/pip.conf ~/.pip/pip.conf 2>/dev/null || true; } |
      sed -n 's/^ *\(PIP_FIND_LINKS\|find-links\) *= *//p' | tr ' ' '\n'
  } | sort -u | while read -r folder; do
    if [[ $folder == /* && -d $folder ]]; then printf '%s\t%s\n' "$folder" "$folder"; fi
  done
}

# enter ROOT MOUNTS COMMAND...: inside the namespaces. ROOT becomes their root, not only that of COMMAND: tests make and
# enter mount namespaces themselves.
enter() {
  local root=$1 folder place
  mount --bind "$root" "$root"
  while IFS=$'\t' read -r folder place; do
    mkdir -p "$root$place"
    mount --bind "$folder" "$root$place"
    mount -o remount,bind,ro "$root$place"
  done <"$2"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/dev/shm"
  cd "$root"
  pivot_root . mnt
  umount --lazy /mnt
  cd /
  "${@:3}"
}

# play COMMAND: in the clone, as a shell of root's would.
play() {
  local variables=(
    HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    ${COPUR_DATA:+COPUR_DATA=/data}
  )
  mapfile -t -O ${#variables[@]} variables < <(
    env | grep -E '^((https?|ftp|all|no)_proxy|(HTTPS?|FTP|ALL|NO)_PROXY|PIP_[A-Z_]+|OPENBLAS_[A-Z0-9_]+)=')
  "${namespaces[@]}" bash -euo pipefail -c "$(declare -f enter); enter \"\$@\"" _ "$root" "$mounts" \
    env -i "${variables[@]}" bash -c $'cd ~/copur || exit\n'"$1" >>"$log" 2>&1 </dev/null &
  player=$!
  local status=0
  wait "$player" || status=$?
  player=
  return "$status"
}

duration() { echo "$(($1 / 60)) min $(($1 % 60)) s"; }

if [[ -x $root/bin/bash ]]; then
  say "Using the root in $work again: it is not bare."
else
  start=$SECONDS
  make_root || {
    tail -n 20 "$log" >&2
    exit 1
  }
  packages=$(chroot "$root" dpkg-query --show | wc -l)
  say "Debian $(cat "$root/etc/debian_version"), minbase, $packages packages: $(duration $((SECONDS - start)))"
fi
list_mounts >"$mounts"
if [[ -d $clone ]]; then
  git -C "$clone" fetch --quiet origin HEAD && git -C "$clone" reset --quiet --hard FETCH_HEAD
else
  git clone --quiet "file://$PWD" "$clone"
fi
say "Commit $(git -C "$clone" log -1 --format='%h %s')"
if [[ -n $(git status --porcelain) ]]; then say "What is not committed here is not in the clone."; fi
say "$(swift --version 2>/dev/null | head -n 1)"

results=()
failed=0
for command in "${commands[@]}"; do
  say
  say "\$ $command"
  start=$SECONDS
  status=0
  play "$command" || status=$?
  verdict=PASS
  if ((status != 0)); then
    verdict="FAIL ($status)"
    failed=$((failed + 1))
    tail -n 30 "$log" >&2
  fi
  results+=("$verdict  $(duration $((SECONDS - start)))  $command")
done
say
for result in "${results[@]}"; do say "$result"; done
say "$((${#commands[@]} - failed)) passed, $failed failed"
((failed == 0))
