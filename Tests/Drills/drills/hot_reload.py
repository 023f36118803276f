"""50 reloads of the model, one of them corrupt, and a new certificate every 2 s: no prediction fails, none is of two models."""

import shutil
import signal
import ssl
import threading
import time

import grpc
from cryptography import x509

from support.processes import eventually
from support.result import Checks

NAME = "hot-reload"
QUICK = False
LIMIT = 300
CORRUPT = 25
CERTIFICATE_SECONDS = 2.0


class Asking(threading.Thread):
    """Asks again and again until it is told to stop; what it asks is a subclass's."""

    def __init__(self):
        super().__init__(daemon=True)
        # Version → what that model said of the one input: two models under one name would show here.
        self.versions, self.failures = {}, []
        self.asked = 0
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            self.asked += 1
            try:
                version, said = self.ask()
                self.versions.setdefault(version, set()).add(said)
            except (grpc.RpcError, StopIteration) as error:
                ended = isinstance(error, StopIteration)
                self.failures.append("the stream ended" if ended else f"{error.code().name}: {error.details()}")
                time.sleep(0.05)

    def close(self):
        self.over.set()
        self.join(20)


class Predictions(Asking):
    """A client that asks for one prediction after the other, on one connection."""

    def __init__(self, workshop, client):
        super().__init__()
        self.inference = workshop.stubs.inference
        self.stub = workshop.stubs.inference_services.GRPCInferenceServiceStub(client.channel)
        self.inputs = [
            self.inference.ModelInferRequest.InferInputTensor(
                name=agent, datatype="FP32", shape=[1, workshop.width],
                contents=self.inference.InferTensorContents(fp32_contents=[0.5] * workshop.width))
            for agent in workshop.agents
        ]

    def ask(self):
        answer = self.stub.ModelInfer(
            self.inference.ModelInferRequest(model_name="fusion", inputs=self.inputs), timeout=10)
        said = tuple(bytes(output) for output in answer.raw_output_contents) or tuple(
            output.SerializeToString() for output in answer.outputs)
        return answer.model_version, said


class Rounds(Asking):
    """All agents, each on one stream from beginning to end, and a client that asks for their rounds."""

    def __init__(self, context, center):
        super().__init__()
        self.width = context.workshop.width
        self.streams = [context.stream(center, agent) for agent in context.workshop.agents]
        self.client = context.client(center, "client-asking")

    def ask(self):
        sample = self.asked
        for stream in self.streams:
            stream.send("reloading", [sample], [0.5] * self.width)
        for stream in self.streams:
            stream.receipt()
        verdict = self.client.verdicts("reloading", [sample], timeout=10)[sample]
        if not verdict.HasField("decision") or not all(agent.contributed for agent in verdict.agents):
            self.failures.append(f"sample {sample}: {verdict.no_decision_reason or 'agents are missing'}")
        return verdict.model_version, verdict.decision.SerializeToString(deterministic=True)


def replace(bundle, live):
    """Puts another bundle in the place of the one that is served."""
    new = live.with_name("new")
    shutil.copytree(bundle, new)
    old = live.with_name("old")
    live.rename(old)
    new.rename(live)
    shutil.rmtree(old)


def corrupt(bundle, folder):
    """A copy with a byte of its weights turned."""
    shutil.copytree(bundle, folder)
    for weights in folder.rglob("*.safetensors"):
        data = bytearray(weights.read_bytes())
        data[-5] ^= 0xFF
        weights.write_bytes(data)
    return folder


def serial(context, center):
    """The number of the certificate that a new connection is shown."""
    with context.tls_socket(center) as socket:
        return x509.load_der_x509_certificate(socket.getpeercert(binary_form=True)).serial_number


def run(context):
    workshop = context.workshop
    reloads = 50
    checks = Checks()
    live, certificates = context.folder / "live", context.folder / "certificates"
    shutil.copytree(workshop.bundle, live)
    hosts = ["localhost", "127.0.0.1"]

    def renew():
        return workshop.authority.issue(certificates, "server", hosts=hosts, server=True, client=False)

    center = context.serve(bundle=live, pair=renew(), journal=context.folder / "journal.sqlite")
    versions = [workshop.version(workshop.bundle), workshop.version(workshop.other_bundle)]
    damaged = corrupt(workshop.bundle, context.folder / "damaged")
    askers = [Predictions(workshop, context.client(center, "client-predicting")), Rounds(context, center)]
    for asker in askers:
        context.closing(asker).start()
    looking = Predictions(workshop, context.client(center, "client-looking"))

    def decides(version):
        """Whether a model decides what is asked now."""
        try:
            return looking.ask()[0] == version
        except grpc.RpcError:
            return False

    rotations, renewed = 0, time.monotonic()
    current = 0
    for reload in range(reloads):
        if reload == CORRUPT:
            replace(damaged, live)
            refused = len(center.log.all)
            center.send(signal.SIGHUP)
            time.sleep(0.5)
            lines = [line for line in center.log.all[refused:] if "error" in line or "warning" in line]
            checks.expect(lines, "a corrupt bundle: nothing in the log")
            checks.expect(decides(versions[current]), "a corrupt bundle: the old model is gone")
            continue
        current = 1 - current
        replace([workshop.bundle, workshop.other_bundle][current], live)
        new = None
        if time.monotonic() - renewed >= CERTIFICATE_SECONDS:
            renewed = time.monotonic()
            new = x509.load_pem_x509_certificate(renew()[0].read_bytes()).serial_number
            rotations += 1
        center.send(signal.SIGHUP)
        taken = eventually(lambda: decides(versions[current]), timeout=3, every=0.05)
        checks.expect(taken, f"reload {reload}: model {versions[current]} is not served")
        if not taken:
            break
        if new is not None:
            shown = eventually(lambda: serial(context, center) == new, timeout=3)
            checks.expect(shown, f"reload {reload}: new connections are shown the old certificate")
        time.sleep(0.15)
    for asker in askers:
        asker.close()
        name = type(asker).__name__.lower()
        checks.expect(not asker.failures, f"{len(asker.failures)} {name} failed: {asker.failures[:1]}")
        checks.expect(
            set(asker.versions) == set(versions), f"{name} by {sorted(asker.versions)} instead of {versions}")
        mixed = [version for version, said in asker.versions.items() if len(said) != 1]
        checks.expect(not mixed, f"{name}: models that said different things of one input: {mixed}")
    checks.expect(center.is_running, "the service has ended")
    asked = {type(asker).__name__.lower(): asker.asked for asker in askers}
    return checks.result(
        f"{reloads} reloads, {rotations} certificates, {asked['predictions']} predictions and {asked['rounds']} rounds")
