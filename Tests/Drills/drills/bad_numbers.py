"""NaN, infinities, extremes and lengths that do not fit: refused by name, and never a NaN in a verdict.

A message that is nonsense as a whole ends its call with INVALID_ARGUMENT. A block that is none gets the receipt INVALID,
which is copur.v1's form of it: the stream goes on, and the reason names the value.
"""

import math

from support.clients import outcome
from support.result import Checks

NAME = "bad-numbers"
QUICK = True
LARGEST = 3.4028234663852886e38


def packed(fusion, session, samples, data):
    """A ContributeRequest whose packed `values` are the given bytes."""
    message = fusion.ContributeRequest(session=session, samples=samples).SerializeToString()
    field = fusion.ContributeRequest.DESCRIPTOR.fields_by_name["values"].number
    assert len(data) < 128
    return message + bytes([field << 3 | 2, len(data)]) + data


def run(context):
    workshop = context.workshop
    stubs, fusion, width = workshop.stubs, workshop.stubs.fusion, workshop.width
    first, model = workshop.agents[0], workshop.model
    checks = Checks()
    center = context.serve(deadline="300ms")
    client = context.client(center, "client-drill")
    agent = context.client(center, f"agent-{first}")
    block = [0.5] * width

    # Blocks that are none.
    stream = context.stream(center, first)
    for sample, (what, values) in enumerate({
        "NaN": [math.nan, *block[1:]], "+Inf": [math.inf, *block[1:]], "−Inf": [*block[1:], -math.inf],
        "too wide": [*block, 0.0], "too narrow": block[1:], "no values": [],
    }.items()):
        stream.send("bad", [sample], values)
        receipt = stream.receipt()
        name = fusion.Receipt.Status.Name(receipt.status)
        checks.expect(name == "INVALID", f"{what}: {name}")
        checks.expect("value" in receipt.reason and receipt.reason, f"{what}: reason \"{receipt.reason}\"")

    # Numbers that are extreme, but numbers: every verdict is finite.
    extremes = {
        "denormals": [1e-45] * width, "1e38": [1e38] * width, "largest": [LARGEST, -LARGEST] * (width // 2),
        "zeros": [0.0] * width, "negative zeros": [-0.0] * width,
    }
    streams = {name: context.stream(center, name) for name in workshop.agents}
    for sample, (what, values) in enumerate(extremes.items()):
        for speakers, session in ((workshop.agents[:1], "one"), (workshop.agents, "all")):
            for name in workshop.agents:
                streams[name].send(session, [sample], values if name in speakers else block)
            for name in workshop.agents:
                status = fusion.Receipt.Status.Name(streams[name].receipt().status)
                checks.expect(status == "ACCEPTED", f"{what}: {status}")
    for session in ("one", "all"):
        for sample, verdict in client.verdicts(session, range(len(extremes))).items():
            numbers = [*verdict.decision.probabilities, verdict.decision.objective] + [
                outcome_.residual for outcome_ in verdict.agents]
            wrong = [number for number in numbers if not math.isfinite(number)]
            checks.expect(
                verdict.HasField("decision") and not wrong and abs(sum(verdict.decision.probabilities) - 1) < 1e-3,
                f"{session}, {list(extremes)[sample]}: {wrong or verdict.no_decision_reason}")

    # Messages that are nonsense as a whole.
    def contribute(*messages):
        requests = [fusion.ContributeRequest(agent=first, model_version=model).SerializeToString(), *messages]
        call = agent.channel.stream_stream("/copur.v1.FusionCenter/Contribute")
        for _ in call(iter(requests), timeout=10):
            pass

    def join(**changes):
        request = dict(agent=first, width=width, model_version=model) | changes
        agent.stub.Join(fusion.JoinRequest(**request), timeout=10)

    def predict(**fields):
        for _ in client.stub.Predict(fusion.PredictRequest(**fields), timeout=10):
            pass

    whole = {
        "bytes that are no floats": (
            lambda: contribute(packed(fusion, "bad", [7], b"\0" * (4 * width - 1))), "INVALID_ARGUMENT", ""),
        "values without samples": (
            lambda: contribute(fusion.ContributeRequest(session="bad", values=block).SerializeToString()),
            "INVALID_ARGUMENT", "values"),
        "no session": (
            lambda: contribute(fusion.ContributeRequest(samples=[1], values=block).SerializeToString()),
            "INVALID_ARGUMENT", "session"),
        "a sample named twice": (
            lambda: predict(session="p", samples=stubs.samples.Samples(listed=[1, 1])), "INVALID_ARGUMENT", "samples"),
        "no samples": (lambda: predict(session="p"), "INVALID_ARGUMENT", "samples"),
        "2^63 samples": (
            lambda: predict(
                session="p", samples=stubs.samples.Samples(
                    ranges=[stubs.samples.SampleRange(first=0, count=2**63)])), "RESOURCE_EXHAUSTED", "samples"),
        "a range beyond 2^64": (
            lambda: predict(
                session="p", samples=stubs.samples.Samples(
                    ranges=[stubs.samples.SampleRange(first=2**64 - 1, count=2)])), "INVALID_ARGUMENT", "samples"),
        "width 0": (lambda: join(width=0), "FAILED_PRECONDITION", "width"),
        "width 2^31": (lambda: join(width=2**31), "FAILED_PRECONDITION", "width"),
        "another model": (lambda: join(model_version="0" * 16), "FAILED_PRECONDITION", "model_version"),
        "no such defence": (
            lambda: predict(session="p", defense="magic", samples=stubs.samples.Samples(listed=[1])), "NOT_FOUND",
            "defense"),
    }
    for what, (call, code, field) in whole.items():
        actual, message = outcome(call)
        checks.expect(actual == code and field in message, f"{what}: {actual} \"{message}\"")

    # After all that: business as usual.
    stream.send("bad", [0], block)
    status = fusion.Receipt.Status.Name(stream.receipt().status)
    checks.expect(status == "ACCEPTED", f"a good block afterwards: {status}")
    return checks.result("every refusal named its field, every verdict was finite")
