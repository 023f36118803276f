#!/usr/bin/env bash
# A fusion center in C++ (grpc++, SQLite with group commit, mutual TLS, no purification) as a peer: prints a line of JSON.
#
#   rounds_grpcpp.sh COPUR [SECONDS] [BATCH] [IN_FLIGHT]
#
# COPUR: the program, which makes the certificates.
# Needs Debian's g++ libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libsqlite3-dev pkg-config.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
copur=$(realpath "$1")
seconds=${2:-5} batch=${3:-1} flight=${4:-256}
work=${TMPDIR:-/tmp}/rounds-grpcpp
mkdir -p "$work"
cd "$work"
agents=(acc gyro magnet watch compass location audio phone environment time)

if [ ! -x peer ] || [ "$here/rounds_grpcpp.cc" -nt peer ]; then
  protoc -I"$here/../../Protocols" --cpp_out=. --grpc_out=. --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" \
    copur/v1/samples.proto copur/v1/fusion.proto
  read -ra libraries < <(pkg-config --cflags --libs grpc++ protobuf sqlite3)
  g++ -O2 -std=c++17 -I. -o peer "$here/rounds_grpcpp.cc" copur/v1/*.cc "${libraries[@]}"
fi
[ -f certificates/server.pem ] ||
  "$copur" certs certificates --agents "${agents[@]}" --clients app --viewers dash >/dev/null

port=$((20000 + RANDOM % 9000))
rm -f peer.sqlite*
./peer serve $port peer.sqlite certificates >/dev/null &
server=$!
trap 'kill -9 $server 2>/dev/null' EXIT
sleep 0.7
./peer watch $port certificates "$seconds" >watch.json &
watch=$!
sleep 0.3
pids=()
for agent in "${agents[@]}"; do
  ./peer agent $port certificates "$agent" "$flight" "$batch" "$seconds" >/dev/null &
  pids+=($!)
done
wait $watch
ticks=$(awk '{print $14 + $15}' /proc/$server/stat)
wait "${pids[@]}" || true
python3 - "$batch" "$ticks" <<'P'
import json, sys, sqlite3

line = [json.loads(line) for line in open("watch.json") if line.startswith("{")][-1]
verdicts = sqlite3.connect("file:peer.sqlite?mode=ro", uri=True).execute("select samples from verdict")
rounds = sum(len(samples) // 8 for (samples,) in verdicts)
print(json.dumps({
    "engine": "grpc++", "agents": 10, "batch": int(sys.argv[1]), "rounds_per_second": line["rounds_per_second"],
    "center_cpu_us_per_round": round(1e4 * int(sys.argv[2]) / max(1, rounds), 1),
}))
P
