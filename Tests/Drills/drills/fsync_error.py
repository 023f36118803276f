"""The journal's disk fails to synchronize: no false receipt, not ready, the process alive and its reads too."""

import time

import grpc

from support.journal import Journal
from support.processes import eventually
from support.readiness import Readiness
from support.result import Checks
from support.trace import calls, strace

NAME = "fsync-error"
QUICK = True


def run(context):
    workshop = context.workshop
    checks, receipts, counts = Checks(), 0, []
    for first_failure in [8] if context.quick else [8, 9, 17, 40, 100]:
        path = context.folder / f"journal-{first_failure}.sqlite"
        trace = context.folder / f"trace-{first_failure}"
        center = context.serve(
            *context.plane(), journal=path, tls=True, deadline="30s",
            wrapper=strace(trace, "fdatasync", "-e", f"inject=fdatasync:error=EIO:when={first_failure}+"))
        watcher = context.client(center, "client-drill").watch()
        next(watcher)
        stream = context.stream(center, workshop.agents[0])
        readiness = Readiness(context, center, workshop.agents[1])
        before = readiness.reads()
        received, ended = [], None
        try:
            for sample in range(400):
                stream.send("failing", [sample], [0.5] * workshop.width)
                receipt = stream.receipt()
                if receipt.status == workshop.stubs.fusion.Receipt.ACCEPTED:
                    received += receipt.samples
        except grpc.RpcError as error:
            ended = error.code().name
        checks.expect(ended == "UNAVAILABLE", f"the stream ended with {ended} after {len(received)} receipts")
        time.sleep(0.3)
        checks.expect(center.is_running, "the process has ended")
        wrong = readiness.contradictions(ready=False)
        checks.expect(not wrong, f"ready all the same: {wrong}")
        after = readiness.reads()
        checks.expect(after == before, f"reads before and after: {before}, {after}")
        # Nothing is retried: after the first error no fdatasync succeeds, and none is needed for what was acknowledged.
        center.kill()
        center.log.end()
        results = [call for _, call in calls(trace) if call.startswith("fdatasync")]
        failures = [index for index, call in enumerate(results) if "EIO" in call]
        checks.expect(failures, "no fdatasync was made to fail")
        stored = {sample for _, sample, _ in Journal(path).blocks()}
        checks.expect(set(received) <= stored, f"{len(set(received) - stored)} false receipts")
        # A receipt a commit, a fdatasync a commit: no more receipts than fdatasyncs that returned.
        succeeded = len(results) - len(failures)
        checks.expect(
            len(received) <= succeeded, f"{len(received)} receipts after {succeeded} successful fdatasyncs")
        checks.expect(Journal(path).is_sound(), "integrity_check")
        receipts += len(received)
        counts.append(len(failures))
    return checks.result(f"{receipts} receipts before the errors, all stored; fdatasync failed {counts} times, not retried")
