#!/usr/bin/env bash
# A cluster of Slurm on this machine, to try jobs before they go to a real one: Debian's slurmctld, slurmd and munged on the
# machines of machines.sh.
#
#   slurm.sh start FOLDER [--nodes N] [--cpus N] [--delay MS] [--share DIR]...
#   slurm.sh run FOLDER COMMAND...        on the machine login: sbatch, srun, salloc, squeue, scancel, …
#   slurm.sh status FOLDER
#   slurm.sh stop FOLDER                  ends every process of the cluster and removes all that start has made
#
# slurmctld is on login and a slurmd on each of node1 to nodeN (3), which say that they have so many processors (4), however
# many there are. There are two partitions of all nodes: batch, the default, and urgent, whose jobs have those of batch
# requeued where they need their nodes, as long as these allow it (sbatch --requeue). A job that has to go is sent SIGTERM,
# and SIGKILL after 10 seconds. FOLDER, what machines share and --delay are as machines.sh says; so is the exit status.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../packages.sh"

# fail STATUS WORDS...
fail() {
  echo "slurm.sh: ${*:2}" >&2
  exit "$1"
}

usage() { fail 64 "$1. Usage: slurm.sh start|run|status|stop FOLDER …; the file's head says more"; }

on() { "$here/machines.sh" run "$folder" "$@"; }

# write_configuration: Slurm's, which each machine sees in /etc/slurm, and a key of munge's.
write_configuration() {
  mkdir -p -m 700 "$folder"/slurm/{etc,state} "$folder/munge"
  (umask 077 && head -c 1024 /dev/urandom >"$folder/munge/key")
  cat >"$folder/slurm/etc/slurm.conf" <<SETTINGS
ClusterName=trial
SlurmctldHost=login(10.214.0.1)
SlurmUser=root
AuthType=auth/munge
# How long a job that is requeued waits at least.
AuthInfo=cred_expire=20
CredType=cred/munge
StateSaveLocation=$folder/slurm/state
SlurmdSpoolDir=$folder/slurm/spool-%n
SlurmctldPidFile=$folder/slurm/slurmctld.pid
SlurmdPidFile=$folder/slurm/slurmd-%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd-%n.log
# No cgroups: processes are known by the tree of /proc, and tasks are not bound to processors.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
# The processors of nodes are as they are written here, not as they are found.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
KillWait=10
MinJobAge=3600
MaxArraySize=10001
NodeName=node[1-$nodes] CPUs=$cpus RealMemory=1024 State=UNKNOWN
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=10
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2 PreemptMode=OFF
SETTINGS
  # slurmd looks for cgroups even where nothing uses them, and ends if there are none, unless it is told of which kind.
  echo "CgroupPlugin=cgroup/v1" >"$folder/slurm/etc/cgroup.conf"
}

# start_daemons MACHINE COMMAND...: munged, and then Slurm's daemon.
start_daemons() {
  on "$1" mount --bind "$folder/slurm/etc" /etc/slurm
  on "$1" mkdir -p -m 755 /run/munge
  on "$1" munged --key-file "$folder/munge/key" --log-file "$folder/log/munged-$1.log" \
    --pid-file /run/munge/munged.pid --seed-file /run/munge/seed --socket /run/munge/munge.socket.2 --force
  on "$1" "${@:2}" || {
    tail -n 20 "$folder"/log/{munged-"$1",slurm*}.log >&2
    fail 69 "$2 does not start on $1; what daemons said is above"
  }
}

# wait_for_nodes: until all of them have no job and take one.
wait_for_nodes() {
  local tries idle=(sinfo --noheader --Node --partition=batch --states=idle --format=%N)
  for ((tries = 0; tries < 150; tries++)); do
    if (($(on login "${idle[@]}" 2>/dev/null | sort -u | wc -l) == nodes)); then return; fi
    sleep 0.2
  done
  tail -n 20 "$folder"/log/slurm*.log >&2
  fail 69 "the nodes are not ready within 30 s; what their daemons said is above"
}

start() {
  nodes=3
  cpus=4
  local machines=()
  while (($# > 0)); do
    case $1 in
      --nodes) nodes=${2:-} && machines+=("$1" "$nodes") ;;
      --cpus) [[ ${2:-} =~ ^[1-9][0-9]{0,2}$ ]] || usage "--cpus is 1 to 999 (actual: ${2:-})" && cpus=$2 ;;
      --delay | --share) machines+=("$1" "${2:-}") ;;
      *) usage "start has the options --nodes, --cpus, --delay and --share (actual: $1)" ;;
    esac
    shift; shift || true
  done
  require_packages slurm-wlm munge || exit
  "$here/machines.sh" start "$folder" "${machines[@]}"
  trap '"$here/machines.sh" stop "$folder"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  write_configuration
  start_daemons login slurmctld
  local number
  for ((number = 1; number <= nodes; number++)); do start_daemons "node$number" slurmd -N "node$number"; done
  wait_for_nodes
  trap - EXIT INT TERM HUP
}

(($# >= 2)) || usage "a command and a folder are needed"
folder=$(realpath -m "$2")
case $1 in
  start) start "${@:3}" ;;
  run)
    (($# >= 3)) || usage "run needs a command"
    exec "$here/machines.sh" run "$folder" login "${@:3}"
    ;;
  status)
    "$here/machines.sh" status "$folder"
    on login sinfo
    on login squeue
    ;;
  stop) exec "$here/machines.sh" stop "$folder" ;;
  *) usage "a command is start, run, status or stop (actual: $1)" ;;
esac
