"""What many drills need and is made once: a model, certificates, stubs."""

import functools
import importlib
import importlib.resources
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .certificates import Authority

SCENARIO = """
name: drill
dataset: {{ kind: fashion-mnist, train_rows: 1000, test_rows: {rows} }}
agents: [{agents}]
training:
  {{ embedding: {width}, epochs: 5, learning_rate: 0.05, hidden: 32, slope: 0, fusion: {{ epochs: 10, learning_rate: 0.02 }} }}
manifold: {{ kind: linear, code: {code} }}
attacks: [{{ name: clean }}]
seeds: [0]
"""

PROTOCOLS = pathlib.Path(__file__).resolve().parents[3] / "Protocols"


class Workshop:
    """A folder for all drills, removed at the end."""

    agents = ["top-left", "top-right", "bottom-left", "bottom-right"]
    width = 8
    classes = 10
    # Test rows of the model's data: the samples 0 to rows - 1 of an agent of ours.
    rows = 2000

    def __init__(self, copur):
        self.copur = copur
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copur-drills-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments):
        """Runs copur to its end; its output."""
        done = subprocess.run([self.copur, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"copur {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    @functools.cache
    def has_option(self, command, option):
        """Whether a command of copur has an option."""
        return option in self.run("help", command).split()

    def train(self, name, seed=0, code=8, protect=None):
        """Trains a small model into a bundle.

        protect -- from whom, as scenarios say it: the model is then the defence that training chooses for that
        """
        scenario = self.folder / f"{name}.yaml"
        text = SCENARIO.format(rows=self.rows, width=self.width, agents=", ".join(self.agents), code=code)
        scenario.write_text(text + (f"protect: {protect}\ndefenses: [auto]\n" if protect else ""))
        self.run(
            "train", scenario, "--out", self.folder / name, "--seed", seed, *(["--defense", "auto"] if protect else []))
        return self.folder / name

    @functools.cached_property
    def bundle(self):
        return self.train("bundle")

    @functools.cached_property
    def other_bundle(self):
        """The same agents and extractors, and another manifold: another model version, for the same embeddings."""
        return self.train("other", code=6)

    @functools.cached_property
    def model(self):
        return self.version(self.bundle)

    @staticmethod
    def version(bundle):
        return json.loads((bundle / "bundle.json").read_text())["modelVersion"]

    @staticmethod
    def block_width(bundle):
        """How many numbers an agent's block has, the same for all agents."""
        return json.loads((bundle / "bundle.json").read_text())["agents"][0]["embedding"]

    @functools.cached_property
    def certificates(self):
        """A folder made by `copur certs`: ca, server, and agent-NAME for each agent."""
        folder = self.folder / "certificates"
        self.run("certs", folder, "--agents", *self.agents)
        return folder

    @functools.cached_property
    def authority(self):
        """The CA of `certificates`, for certificates that `copur certs` does not make."""
        return Authority.of(self.certificates)

    def pair(self, name):
        """The certificate and key of server or ROLE-NAME, made where they are not there."""
        if not (self.certificates / f"{name}.pem").exists():
            role, _, person = name.partition("-")
            self.authority.issue(self.certificates, name, uri=f"spiffe://copur/{role}/{person}")
        return self.certificates / f"{name}.pem", self.certificates / f"{name}.key"

    def tls(self, name, pair=None):
        """The options of `copur serve` and `copur agent` for a certificate: that of a name, or a given one."""
        chain, key = pair or self.pair(name)
        return ["--tls-certificate", chain, "--tls-key", key, "--tls-ca", self.certificates / "ca.pem"]

    @functools.cached_property
    def stubs(self):
        """Python's view of Protocols/, generated on first use."""
        return Stubs(self.folder / "stubs")


class Stubs:
    """The generated modules: `fusion`, `samples`, `simulation`, `inference`, and those of the services' stubs."""

    def __init__(self, out):
        from grpc_tools import protoc

        out.mkdir()
        well_known = importlib.resources.files("grpc_tools") / "_proto"
        files = sorted(str(path) for path in PROTOCOLS.rglob("*.proto"))
        arguments = ["protoc", f"-I{PROTOCOLS}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}"]
        if protoc.main(arguments + files):
            raise RuntimeError(f"no stubs from {PROTOCOLS}")
        sys.path.insert(0, str(out))
        self.path = out
        self.fusion = importlib.import_module("copur.v1.fusion_pb2")
        self.samples = importlib.import_module("copur.v1.samples_pb2")
        self.simulation = importlib.import_module("copur.v1.simulation_pb2")
        self.inference = importlib.import_module("inference.grpc_service_pb2")
        self.services = importlib.import_module("copur.v1.fusion_pb2_grpc")
        self.inference_services = importlib.import_module("inference.grpc_service_pb2_grpc")
        self.simulation_services = importlib.import_module("copur.v1.simulation_pb2_grpc")
