"""The journal's disk is full: no false receipt, not ready, reads alive; with room again, ready within 5 s.

And an agent whose ledger's disk is full: it ends, and what it could not write down does not count.
"""

import os
import subprocess
import threading
import time

import grpc

from support.journal import Journal
from support.processes import eventually
from support.readiness import Readiness
from support.result import Checks, Skipped

NAME = "full-disk"
QUICK = True
RECOVERY = 5.0


class SmallDisk:
    """A tmpfs of 4 MiB."""

    def __init__(self, path):
        if os.geteuid() != 0:
            raise Skipped("mounting a small file system needs root")
        self.path = path
        path.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "copur-drill", path], capture_output=True, text=True)
        if done.returncode:
            raise Skipped(f"no tmpfs: {done.stderr.strip()}")

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False)


class Sender(threading.Thread):
    """An agent that sends messages of 64 blocks, each after the receipts of the one before, until its stream ends."""

    def __init__(self, stream, width):
        super().__init__(daemon=True)
        self.stream, self.width = stream, width
        self.received, self.ended = [], None

    def run(self):
        sample = 0
        try:
            while True:
                self.stream.send("full", range(sample, sample + 64), [0.5] * self.width * 64)
                statuses = self.stream.statuses(64)
                self.received += [number for number, status in statuses.items() if status == "ACCEPTED"]
                sample += 64
        except grpc.RpcError as error:
            self.ended = error.code().name
        except StopIteration:
            self.ended = "OK"


def agent_without_room(context, checks):
    """The agent's disk is full: what it cannot write down does not count, and it says so."""
    disk = context.closing(SmallDisk(context.folder / "agent"))
    with open(disk.path / "ballast", "ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    agent = context.agent(
        context.workshop.agents[2], context.serve(), "--session", "unwritten", "--ledger", disk.path / "ledger")
    code = agent.wait(30)
    agent.log.end()
    said = agent.log.matching("the ledger cannot be")
    checks.expect(code == 74 and said, f"an agent without room for its ledger ended with {code}: {agent.log.all[-1:]}")


def run(context):
    workshop = context.workshop
    fusion = workshop.stubs.fusion
    checks = Checks()
    disk = context.closing(SmallDisk(context.folder / "disk"))
    # Two thirds are somebody else's; the journal fills the rest.
    ballast = disk.path / "ballast"
    ballast.write_bytes(bytes(5 << 19))
    path = disk.path / "journal.sqlite"
    center = context.serve(*context.plane(), journal=path, deadline="30s")
    stream = context.stream(center, workshop.agents[0])
    readiness = Readiness(context, center, workshop.agents[1])
    before = readiness.reads()
    sender = Sender(stream, workshop.width)
    sender.start()
    full = eventually(lambda: not sender.is_alive() or readiness.join() != "OK", timeout=60)
    checks.expect(full, f"the disk was not full after {len(sender.received)} receipts")
    # Nothing is acknowledged while there is no room: the stream has ended, or waits.
    sender.join(1)
    told = len(sender.received)
    time.sleep(0.5)
    checks.expect(len(sender.received) == told, f"{len(sender.received) - told} receipts while the disk was full")
    checks.expect(
        sender.is_alive() or sender.ended in ("UNAVAILABLE", "RESOURCE_EXHAUSTED"),
        f"the stream ended with {sender.ended}")
    checks.expect(center.is_running, "the process has ended")
    wrong = readiness.contradictions(ready=False)
    checks.expect(not wrong, f"ready all the same: {wrong}")
    after = readiness.reads()
    checks.expect(after == before, f"reads before and after: {before}, {after}")

    # Room again: it recovers by itself, or else as its supervisor would have it, by a restart.
    ballast.unlink()
    start = time.monotonic()
    how = "by itself"
    while (code := readiness.join()) != "OK" and time.monotonic() - start < RECOVERY / 2:
        time.sleep(0.05)
    if code != "OK":
        how = "by a restart"
        start = time.monotonic()
        center.terminate()
        center = context.serve(*context.plane(), journal=path, deadline="30s")
        readiness = Readiness(context, center, workshop.agents[1])
        code = readiness.join()
    took = time.monotonic() - start
    checks.expect(code == "OK" and took <= RECOVERY, f"{code} {took:.1f} s after there is room again")
    again = context.stream(center, workshop.agents[1])
    again.send("after", [1], [0.5] * workshop.width)
    status = fusion.Receipt.Status.Name(again.receipt().status)
    checks.expect(status == "ACCEPTED", f"a block afterwards: {status}")
    again.cancel()
    stream.cancel()
    sender.join(5)
    center.kill()
    journal = Journal(path)
    stored = {sample for session, sample, _ in journal.blocks() if session == "full"}
    checks.expect(told and set(sender.received) <= stored, f"{len(set(sender.received) - stored)} false receipts")
    checks.expect(journal.is_sound(), "integrity_check")
    agent_without_room(context, checks)
    return checks.result(f"{len(sender.received)} receipts, all stored; ready again {how} in {took:.2f} s")
