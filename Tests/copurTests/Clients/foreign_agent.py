"""An agent and client of the fusion center that is written against Protocols/ alone, with Python's grpcio.

    foreign_agent.py stubs PROTOCOLS OUT          generate the stubs
    foreign_agent.py STEPS OPTIONS                play STEPS, print what came back as one JSON object

STEPS is one of the functions below whose names begin with "play_".
"""

import argparse
import json
import math
import pathlib
import queue
import sys


def generate(protocols, out):
    from grpc_tools import protoc
    import importlib.resources

    well_known = importlib.resources.files("grpc_tools") / "_proto"
    files = sorted(str(path) for path in pathlib.Path(protocols).rglob("*.proto"))
    out.mkdir(parents=True, exist_ok=True)
    return protoc.main(
        ["protoc", f"-I{protocols}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}", *files]
    )


class Contribution:
    """A Contribute stream: blocks up, receipts down, in step."""

    def __init__(self, stub, agent, model):
        self.requests = queue.SimpleQueue()
        self.requests.put(fusion.ContributeRequest(agent=agent, model_version=model))
        self.responses = stub.Contribute(iter(self.requests.get, None), timeout=TIMEOUT)
        self.waiting = []

    def send(self, session, samples, values):
        self.requests.put(fusion.ContributeRequest(session=session, samples=samples, values=values))

    def receipt(self):
        while not self.waiting:
            self.waiting.extend(next(self.responses).receipts)
        receipt = self.waiting.pop(0)
        return {
            "session": receipt.session,
            "samples": list(receipt.samples),
            "status": fusion.Receipt.Status.Name(receipt.status),
            "reason": receipt.reason,
        }

    def end(self):
        """Ends the sending side; the stream is to end with OK after that."""
        self.requests.put(None)
        return [fusion.ContributeResponse.FromString(rest.SerializeToString()) for rest in self.responses] == []


def verdict(message):
    decision = message.decision if message.HasField("decision") else None
    return {
        "session": message.session,
        "sample": message.sample,
        "model": message.model_version,
        "defense": message.defense,
        "agents": [agent.agent for agent in message.agents],
        "contributed": [agent.agent for agent in message.agents if agent.contributed],
        "missing": [agent.agent for agent in message.agents if not agent.contributed],
        "residuals": {agent.agent: agent.residual for agent in message.agents if agent.HasField("residual")},
        "label": decision.label if decision else None,
        "probabilities": list(decision.probabilities) if decision else [],
        "converged": decision.converged if decision and decision.HasField("converged") else None,
        "objective": decision.objective if decision and decision.HasField("objective") else None,
        "traceparent": message.traceparent if message.HasField("traceparent") else None,
    }


def outcome(call):
    """The name of the status that a call ends with, and its message."""
    try:
        call()
        return {"code": "OK", "message": ""}
    except grpc.RpcError as error:
        return {"code": error.code().name, "message": error.details()}


def stub_of(options, pair):
    """A stub on a connection of its own, with the certificate of `pair` (such as agent-time), or with none."""
    folder = pathlib.Path(options.certificates)
    own = {} if pair is None else {
        "private_key": (folder / f"{pair}.key").read_bytes(),
        "certificate_chain": (folder / f"{pair}.pem").read_bytes(),
    }
    credentials = grpc.ssl_channel_credentials(root_certificates=(folder / "ca.pem").read_bytes(), **own)
    return services.FusionCenterStub(grpc.secure_channel(options.address, credentials))


def play_join(options):
    """The round settings that an agent gets, and how those are refused who are none or another's."""
    first, second = options.agents[:2]
    agent = stub_of(options, f"agent-{first}")
    client = stub_of(options, "client-client")

    def join(stub=agent, name=first, width=options.width, model=options.model):
        return stub.Join(fusion.JoinRequest(agent=name, width=width, model_version=model), timeout=TIMEOUT)

    def contribute(name, model):
        Contribution(agent, name, model).receipt()

    refused = {
        "another's name": outcome(lambda: join(name=second)),
        "another model": outcome(lambda: join(model="0123456789abcdef")),
        "another width": outcome(lambda: join(width=options.width + 1)),
        "no agent's certificate": outcome(lambda: join(stub=client)),
        "no certificate": outcome(lambda: join(stub=stub_of(options, None))),
        "contributing in another's name": outcome(lambda: contribute(second, options.model)),
        "contributing from another model": outcome(lambda: contribute(first, "0123456789abcdef")),
        "an agent that asks": outcome(lambda: list(agent.Predict(fusion.PredictRequest(session="s"), timeout=TIMEOUT))),
        "an agent that watches": outcome(lambda: next(agent.Watch(fusion.WatchRequest(), timeout=TIMEOUT))),
        "a viewer that asks": outcome(
            lambda: list(stub_of(options, "viewer-viewer").Predict(
                fusion.PredictRequest(session="s"), timeout=TIMEOUT))),
        "no samples": outcome(
            lambda: list(client.Predict(fusion.PredictRequest(session="s"), timeout=TIMEOUT))),
        "no such defence": outcome(
            lambda: list(client.Predict(
                fusion.PredictRequest(session="s", defense="magic", samples=samples.Samples(listed=[0])),
                timeout=TIMEOUT))),
    }
    settings = join()
    return {
        "refused": refused,
        "settings": {
            "model": settings.model_version,
            "index": settings.index,
            "agents": list(settings.agents),
            "deadline": settings.deadline_ms,
            "quorum": settings.quorum,
            "defenses": list(settings.defenses),
        },
    }


def play_receipts(options):
    """Two agents of four speak: every status that a receipt can have, and the verdicts of the rounds."""
    first, second = options.agents[:2]
    session = "foreign"
    client = stub_of(options, "client-client")
    predict = client.Predict(
        fusion.PredictRequest(session=session, samples=samples.Samples(ranges=[
            samples.SampleRange(first=0, count=2)])), timeout=TIMEOUT, metadata=[("traceparent", TRACEPARENT)])
    answered = dict(predict.initial_metadata())["traceparent"]
    opened = next(predict)
    assert opened.HasField("opened") and opened.opened.samples == 2, opened

    one = Contribution(stub_of(options, f"agent-{first}"), first, options.model)
    two = Contribution(stub_of(options, f"agent-{second}"), second, options.model)
    block, other = [0.5] * options.width, [0.25] * options.width
    receipts = {}

    def say(step, speaker, sample, values):
        speaker.send(session, [sample], values)
        receipts[step] = speaker.receipt()

    say("first", one, 0, block)
    say("again", one, 0, block)
    say("otherwise", one, 0, other)
    say("not a number", one, 1, [math.nan, *block[1:]])
    say("too wide", one, 1, block + [0.0])
    say("another agent", two, 1, other)
    verdicts = [verdict(message) for response in predict for message in response.verdicts]
    say("after the deadline", two, 0, block)
    say("again, after the deadline", one, 0, block)
    return {
        "receipts": receipts,
        "verdicts": sorted(verdicts, key=lambda verdict: verdict["sample"]),
        "traceparents": [TRACEPARENT, answered],
        "ended": [one.end(), two.end()],
    }


def play_live(options):
    """The last agent is foreign and sends the same number for everything, while a client watches all rounds close."""
    watched = stub_of(options, "viewer-viewer").Watch(fusion.WatchRequest(session=options.session), timeout=TIMEOUT)
    next(watched)
    # From here on no verdict is missed: the others may start.
    print("watching", flush=True)
    last = options.agents[-1]
    speaker = Contribution(stub_of(options, f"agent-{last}"), last, options.model)
    numbers = list(range(options.rows))
    for sample in numbers:
        speaker.send(options.session, [sample], [50.0] * options.width)
    statuses = {}
    while sum(statuses.values()) < options.rows:
        receipt = speaker.receipt()
        statuses[receipt["status"]] = statuses.get(receipt["status"], 0) + len(receipt["samples"])
    verdicts = []
    while len(verdicts) < options.rows:
        verdicts.extend(verdict(message) for message in next(watched).verdicts)
    watched.cancel()
    asked = [
        verdict(message)
        for response in stub_of(options, "client-client").Predict(
            fusion.PredictRequest(session=options.session, samples=samples.Samples(listed=numbers)), timeout=TIMEOUT)
        for message in response.verdicts
    ]
    return {"statuses": statuses, "watched": verdicts, "asked": asked, "ended": [speaker.end()]}


# Far beyond what any step takes: a call that hangs becomes an error.
TIMEOUT = 50
# The example of W3C Trace Context.
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

if sys.argv[1] == "stubs":
    sys.exit(generate(sys.argv[2], pathlib.Path(sys.argv[3])))

parser = argparse.ArgumentParser()
parser.add_argument("steps", choices=[name.removeprefix("play_") for name in dir() if name.startswith("play_")])
parser.add_argument("--stubs", required=True)
parser.add_argument("--address", required=True)
parser.add_argument("--certificates", required=True)
parser.add_argument("--agents", required=True, type=lambda text: text.split(","))
parser.add_argument("--model", required=True)
parser.add_argument("--width", required=True, type=int)
parser.add_argument("--session", default="live")
parser.add_argument("--rows", type=int, default=0)
arguments = parser.parse_args()
sys.path.insert(0, arguments.stubs)

import grpc
from copur.v1 import fusion_pb2 as fusion
from copur.v1 import fusion_pb2_grpc as services
from copur.v1 import samples_pb2 as samples

print(json.dumps(globals()[f"play_{arguments.steps}"](arguments), allow_nan=False))
