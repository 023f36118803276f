#!/usr/bin/env bash
# Several machines on this one, to try what is meant for a cluster: namespaces of network, host name, mounts and IPC.
#
#   machines.sh start FOLDER [--nodes N] [--delay MS] [--share DIR]...
#   machines.sh run FOLDER MACHINE COMMAND...      as if COMMAND were started on it; this process becomes COMMAND
#   machines.sh cut FOLDER MACHINE SECONDS         nothing reaches it or comes from it for a while
#   machines.sh status FOLDER                      the machines, their addresses and how many processes they have
#   machines.sh stop FOLDER                        ends every process on them and removes all that start has made
#
# The machines are node1 to nodeN (3; at most 16), and login, on which users sit. Each has an address (10.214.0.1 for login,
# 10.214.0.11 and on for the nodes), a name that the others know, and sshd on port 2222 with keys of its own, so that on each
# of them `ssh node2` asks nothing. /tmp, /var/tmp, /run and /dev/shm are each machine's own; everything else is this
# machine's and so a shared file system, also FOLDER, this directory and what --share names, be they in /tmp. --delay puts so
# many milliseconds on every way between two machines; there is no way to other networks.
#
# FOLDER is made by start and has to be new. Needs root, Debian's iproute2 and openssh-server (installed if missing; where there
# is systemd, Debian then starts an sshd of this machine's, too), and Python for --delay; neither systemd, nor cgroups, nor the
# kernel's netem.
#
# Exit status: that of COMMAND; 64 a wrong option, 66 no such FOLDER or machine, 69 the machines cannot be made here, 73
# FOLDER is there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
source "$root/Deploy/packages.sh"

# fail STATUS WORDS...
fail() {
  echo "machines.sh: ${*:2}" >&2
  exit "$1"
}

usage() { fail 64 "$1. Usage: machines.sh start|run|cut|status|stop FOLDER …; the file's head says more"; }

# is_number WORD SMALLEST GREATEST
is_number() { [[ $1 =~ ^(0|[1-9][0-9]{0,8})$ ]] && (($1 >= $2 && $1 <= $3)); }

# open_folder: reads the names of the machines, and what the folder's namespaces are called, from the folder.
open_folder() {
  [[ -f $folder/prefix ]] || fail 66 "$folder has no machines: \`machines.sh start\` makes it"
  prefix=$(<"$folder/prefix")
  mapfile -t machines < <(cut -d' ' -f2 "$folder/hosts" | tail -n +2)
}

# keeper MACHINE: the process that holds a machine's namespaces, if it is alive and that one still.
keeper() {
  local process
  process=$(cat "$folder/keepers/$1" 2>/dev/null) || return
  ip netns pids "$prefix-$1" 2>/dev/null | grep -qx "$process" || return
  echo "$process"
}

require_machine() {
  local machine
  for machine in "${machines[@]}"; do [[ $machine == "$1" ]] && return; done
  fail 66 "a machine is one of ${machines[*]} (actual: $1)"
}

# write_configuration: names, and keys and settings of ssh.
write_configuration() {
  local number
  mkdir -p "$folder"/{keepers,log,ssh/client}
  chmod 700 "$folder"
  {
    echo "127.0.0.1 localhost"
    echo "10.214.0.1 login"
    for ((number = 1; number <= nodes; number++)); do echo "10.214.0.$((10 + number)) node$number"; done
  } >"$folder/hosts"
  # Folders before what is in them.
  printf '%s\n' "${shares[@]}" | sort -u >"$folder/shares"
  ssh-keygen -q -t ed25519 -N '' -C "machines of a trial" -f "$folder/ssh/host"
  ssh-keygen -q -t ed25519 -N '' -C "machines of a trial" -f "$folder/ssh/user"
  cp "$folder/ssh/user.pub" "$folder/ssh/authorized_keys"
  cat >"$folder/ssh/sshd_config" <<SETTINGS
Port 2222
HostKey "$folder/ssh/host"
AuthorizedKeysFile "$folder/ssh/authorized_keys"
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PrintMotd no
MaxStartups 100
PidFile none
SETTINGS
  cat >"$folder/ssh/client/machines.conf" <<SETTINGS
Host $(cut -d' ' -f2 "$folder/hosts" | tail -n +2 | paste -sd ' ')
  Port 2222
  IdentityFile "$folder/ssh/user"
  IdentitiesOnly yes
  UserKnownHostsFile "$folder/ssh/known_hosts"
  StrictHostKeyChecking yes
SETTINGS
  sed "s|^|[*]:2222 |" "$folder/ssh/host.pub" >"$folder/ssh/known_hosts"
}

# make_machine MACHINE: its namespaces and a keeper in them, which outlives this script.
make_machine() {
  ip netns add "$prefix-$1"
  ip -n "$prefix-$1" link set lo up
  setsid ip netns exec "$prefix-$1" unshare --uts --ipc --mount --propagation private \
    "$here/machines.sh" keep "$folder" "$1" </dev/null >"$folder/log/$1.log" 2>&1 &
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    if keeper "$1" >/dev/null; then return; fi
    sleep 0.05
  done
  cat "$folder/log/$1.log" >&2
  fail 69 "$1 does not come up; what it said is above"
}

# keep MACHINE: inside the machine's namespaces: mounts, name, sshd, and then the keeper.
keep() {
  local place number kept=()
  mapfile -t shares <"$folder/shares"
  hostname "$1"
  # What all machines see keeps a file descriptor over the mounts that would hide it.
  for number in "${!shares[@]}"; do
    exec {place}<"${shares[number]}"
    kept+=("$place")
  done
  for place in /tmp /var/tmp /run /dev/shm; do mount -t tmpfs -o mode=1777 tmpfs "$place"; done
  chmod 755 /run
  mkdir -p -m 755 /run/sshd
  for number in "${!shares[@]}"; do
    place=${shares[number]}
    if [[ ! -e $place ]]; then
      mkdir -p "$place"
      mount --no-canonicalize --bind "/proc/self/fd/${kept[number]}" "$place"
    fi
    exec {kept[number]}<&-
  done
  mount --bind "$folder/hosts" /etc/hosts
  mount --bind "$folder/ssh/client" /etc/ssh/ssh_config.d
  cd /
  /usr/sbin/sshd -f "$folder/ssh/sshd_config" -E "$folder/log/sshd-$1.log"
  echo $$ >"$folder/keepers/$1"
  exec -a "copur-machine-$1" sleep infinity
}

# join_by_bridge: machines a switch apart, which is in login.
join_by_bridge() {
  local machine address
  ip -n "$prefix-login" link add switch type bridge
  ip -n "$prefix-login" link set switch up
  while read -r address machine; do
    case $machine in
      localhost) continue ;;
      login) ip -n "$prefix-login" addr add "$address/24" dev switch && continue ;;
    esac
    ip -n "$prefix-login" link add "$machine" type veth peer name eth0 netns "$prefix-$machine"
    ip -n "$prefix-login" link set "$machine" master switch up
    ip -n "$prefix-$machine" addr add "$address/24" dev eth0
    ip -n "$prefix-$machine" link set eth0 up
  done <"$folder/hosts"
}

# join_by_relay: machines some milliseconds apart.
join_by_relay() {
  local machine address ends=() tries
  while read -r address machine; do
    if [[ $machine != localhost ]]; then ends+=(--end "$prefix-$machine=$address"); fi
  done <"$folder/hosts"
  mkfifo "$folder/line"
  # Open for reading and writing, the pipe never ends.
  setsid ip netns exec "$prefix-login" python3 "$root/Tests/Drills/support/relay.py" --device way "${ends[@]}" \
    --delay "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))" <>"$folder/line" >"$folder/log/relay.log" 2>&1 &
  for ((tries = 0; tries < 200; tries++)); do
    if grep -qxs up "$folder/log/relay.log"; then return; fi
    sleep 0.05
  done
  cat "$folder/log/relay.log" >&2
  fail 69 "the line between the machines does not come up; what it said is above"
}

start() {
  nodes=3
  delay=
  shares=()
  while (($# > 0)); do
    case $1 in
      --nodes) is_number "${2:-}" 1 16 || usage "--nodes is 1 to 16 (actual: ${2:-})" && nodes=$2 ;;
      --delay) is_number "${2:-}" 0 10000 || usage "--delay is 0 to 10000 milliseconds (actual: ${2:-})" && delay=$2 ;;
      --share)
        [[ -d ${2:-} ]] || usage "--share is a directory (actual: ${2:-})"
        ! grep -qxE '/tmp|/var/tmp|/run|/dev/shm' <<<"$(realpath "$2")" || usage "$2 is each machine's own; --share is below it"
        shares+=("$(realpath "$2")")
        ;;
      *) usage "start has the options --nodes, --delay and --share (actual: $1)" ;;
    esac
    shift 2
  done
  (($(id -u) == 0)) || fail 69 "namespaces need root"
  [[ ! -e $folder ]] || fail 73 "$folder is there already; \`machines.sh stop\` removes what machines are in it"
  require_packages iproute2 openssh-server openssh-client python3 || exit
  unshare --uts --ipc --net --mount --propagation private true || fail 69 "this kernel gives no namespaces"
  [[ -z $delay || -c /dev/net/tun ]] || fail 69 "--delay needs /dev/net/tun"
  mkdir -p "$folder"
  shares+=("$folder" "$PWD" "$root")
  prefix=copur-$(od -An -N3 -tx1 /dev/urandom | tr -d ' ')
  echo "$prefix" >"$folder/prefix"
  # Whatever goes wrong from here on, nothing is left.
  trap 'stop >/dev/null' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  write_configuration
  open_folder
  local machine
  for machine in "${machines[@]}"; do make_machine "$machine"; done
  if [[ -n $delay ]]; then join_by_relay; else join_by_bridge; fi
  trap - EXIT INT TERM HUP
}

# processes SIGNAL: sends it to every process on the machines; whether there was one.
processes() {
  local machine found=() all=()
  for machine in "${machines[@]}"; do
    mapfile -t found < <(ip netns pids "$prefix-$machine" 2>/dev/null)
    all+=("${found[@]}")
  done
  ((${#all[@]} > 0)) || return 1
  kill "-$1" "${all[@]}" 2>/dev/null || true
}

stop() {
  open_folder
  local machine tries
  for ((tries = 0; tries < 60; tries++)); do
    # The first two seconds are for ends in order.
    if ! processes "$( ((tries == 0)) && echo TERM || { ((tries < 20)) && echo 0 || echo KILL; })"; then break; fi
    sleep 0.1
  done
  for machine in "${machines[@]}"; do
    if [[ -e /run/netns/$prefix-$machine ]]; then ip netns delete "$prefix-$machine"; fi
  done
  rm -rf --one-file-system "$folder"
}

status() {
  open_folder
  local machine address
  printf '%-8s %-12s %s\n' machine address processes
  while read -r address machine; do
    if [[ $machine == localhost ]]; then continue; fi
    if keeper "$machine" >/dev/null; then
      printf '%-8s %-12s %s\n' "$machine" "$address" "$(ip netns pids "$prefix-$machine" | wc -l)"
    else
      printf '%-8s %-12s %s\n' "$machine" "$address" "gone"
    fi
  done <"$folder/hosts"
}

run() {
  (($# >= 2)) || usage "run needs a machine and a command"
  open_folder
  require_machine "$1"
  local process
  process=$(keeper "$1") || fail 66 "$1 has gone; \`machines.sh stop\` removes the rest"
  exec nsenter --target "$process" --net --uts --ipc --mount --wdns="$PWD" -- "${@:2}"
}

cut_off() {
  (($# == 2)) && is_number "$2" 1 86400 || usage "cut needs a machine and 1 to 86400 seconds (actual: $*)"
  open_folder
  require_machine "$1"
  if [[ -p $folder/line ]]; then
    echo "dark $2 $(sed -n "s/ $1\$//p" "$folder/hosts")" 1<>"$folder/line"
    sleep "$2"
  else
    [[ $1 != login ]] || usage "the switch is in login: cut a node"
    ip -n "$prefix-login" link set "$1" down
    sleep "$2"
    ip -n "$prefix-login" link set "$1" up
  fi
}

(($# >= 2)) || usage "a command and a folder are needed"
folder=$(realpath -m "$2")
case $1 in
  start) start "${@:3}" ;;
  run) run "${@:3}" ;;
  cut) cut_off "${@:3}" ;;
  status) status ;;
  stop) stop ;;
  keep) keep "${@:3}" ;;
  *) usage "a command is start, run, cut, status or stop (actual: $1)" ;;
esac
