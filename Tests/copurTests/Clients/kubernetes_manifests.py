"""Looks at a folder of Kubernetes manifests, and plays it without a cluster.

    kubernetes_manifests.py validate FOLDER
        against Kubernetes' published schemas, and against rules that its server has beside them
    kubernetes_manifests.py play FOLDER --copur PROGRAM --claim NAME=FOLDER ...
        starts the very commands of the containers, each in a root file system of its own: read-only but for volumes, which are
        folders with what ConfigMaps and Secrets hold, as the user that the pod names, without capabilities. A network
        of its own has Services' names. Needs root, as mounting does.

Prints one JSON object.
"""
import argparse
import base64
import collections
import ctypes
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
CUSTOM = ("monitoring.coreos.com/", "cert-manager.io/", "kustomize.config.k8s.io/")


def documents(folder):
    found = []
    for file in sorted(pathlib.Path(folder).iterdir()):
        if file.name != "kustomization.yaml":
            found += [d for d in yaml.safe_load_all(file.read_text()) if d is not None]
    return found


def pod_of(document):
    spec = document.get("spec") or {}
    return spec.get("template") if document["kind"] in ("StatefulSet", "Deployment", "Job") else None


def validate(folder):
    import kubernetes_validate

    faults, kinds = [], collections.Counter()
    found = documents(folder)
    names = {(d["kind"], d["metadata"]["name"]) for d in found}
    if len(names) != len(found):
        faults.append("two objects of a kind have the same name")
    for document in found:
        kind, name = document["kind"], document["metadata"]["name"]
        kinds[kind] += 1

        def check(holds, rule):
            if not holds:
                faults.append(f"{kind} {name}: {rule}")

        if not document["apiVersion"].startswith(CUSTOM):
            try:
                kubernetes_validate.validate(document, "1.29", strict=True)
                kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
            except Exception as error:
                faults.append(f"{kind} {name}: {error}")
        check(len(name) <= 63 and LABEL.fullmatch(name), "a name is a label of DNS")
        pod = pod_of(document)
        labels = dict(document["metadata"].get("labels", {}), **(pod["metadata"]["labels"] if pod else {}))
        for value in labels.values():
            check(isinstance(value, str) and len(value) <= 63 and VALUE.fullmatch(value), f"a label's value: {value!r}")
        size = sum(len(base64.b64decode(v)) for v in (document.get("binaryData") or {}).values())
        check(size <= 1 << 20, f"a ConfigMap of {size} bytes")
        if kind == "StatefulSet":
            check(len(name) <= 52, "a StatefulSet's name leaves room for its pods' label")
        if pod is None:
            continue
        selector = document["spec"].get("selector", {}).get("matchLabels", {})
        check(selector.items() <= pod["metadata"]["labels"].items(), "the selector finds the pods")
        spec = pod["spec"]
        volumes = {v["name"]: v for v in spec["volumes"]}
        templates = {t["metadata"]["name"] for t in document["spec"].get("volumeClaimTemplates", [])}
        for container in spec["containers"]:
            ports = [p["name"] for p in container.get("ports", [])]
            for mount in container["volumeMounts"]:
                check(mount["name"] in volumes or mount["name"] in templates, f"a mount of {mount['name']}")
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe in container:
                    check(container[probe]["httpGet"]["port"] in ports, f"the port of {probe}")
            check(container["securityContext"]["readOnlyRootFilesystem"], "a root file system to read")
            mounted = [m["mountPath"] for m in container["volumeMounts"]]
            check(container["workingDir"] in mounted, "a folder to work in that is the pod's, not the image's")
        check(spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0, "no root")
        for volume in volumes.values():
            if "secret" in volume:
                made = {("Secret", volume["secret"]["secretName"]), ("Certificate", volume["secret"]["secretName"])}
                check(made & names or ("Secret", "*") in names, f"no {volume['secret']['secretName']}")
            for source in volume.get("projected", {}).get("sources", []):
                check(("ConfigMap", source["configMap"]["name"]) in names, "no such ConfigMap")
    resources = yaml.safe_load((pathlib.Path(folder) / "kustomization.yaml").read_text())["resources"]
    there = sorted(f.name for f in pathlib.Path(folder).iterdir() if f.name != "kustomization.yaml")
    if sorted(resources) != there:
        faults.append(f"kustomization.yaml names {resources}, there is {there}")
    return {"kinds": kinds, "faults": faults}


# The rest plays.

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000


def system(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind=None, flags=0, data=None):
    encoded = [None if x is None else str(x).encode() for x in (source, target, kind, data)]
    system(LIBC.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        # SIOCSIFFLAGS with IFF_UP.
        fcntl.ioctl(handle, 0x8914, struct.pack("16sh", b"lo", 1))


class Cluster:
    def __init__(self, arguments):
        self.found = documents(arguments.folder)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="copur-pods-"))
        self.copur = arguments.copur
        self.claims = dict(claim.split("=", 1) for claim in arguments.claim)
        self.services = [d["metadata"]["name"] for d in self.found if d["kind"] == "Service"]

    def content(self, kind, name):
        document = next(d for d in self.found if d["kind"] == kind and d["metadata"]["name"] == name)
        files = {k: base64.b64decode(v) for k, v in (document.get("data" if kind == "Secret" else "binaryData") or {}).items()}
        if kind == "ConfigMap":
            files.update({k: v.encode() for k, v in (document.get("data") or {}).items()})
        return files

    def folder(self, volume, user):
        """The folder that stands for a volume, and whether it may be written."""
        place = self.root / "volumes" / f"{time.monotonic_ns()}"
        place.mkdir(parents=True)
        group = user
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]
            return self.claim(claim["claimName"], user), not claim.get("readOnly", False)
        if "emptyDir" in volume:
            os.chown(place, 0, group)
            os.chmod(place, 0o2777)
            return place, True
        if "secret" in volume:
            files, mode = self.content("Secret", volume["secret"]["secretName"]), volume["secret"]["defaultMode"]
        else:
            files, mode = {}, volume["projected"]["defaultMode"]
            for source in volume["projected"]["sources"]:
                files.update(self.content("ConfigMap", source["configMap"]["name"]))
        # As the kubelet does: files lie in a hidden folder, and names are links to them.
        (place / "..data").mkdir()
        for name, data in files.items():
            file = place / "..data" / name
            file.write_bytes(data)
            os.chown(file, 0, group)
            os.chmod(file, mode)
            (place / name).symlink_to(f"..data/{name}")
        return place, False

    def claim(self, name, user):
        if name in self.claims:
            return pathlib.Path(self.claims[name])
        place = self.root / "claims" / name
        if not place.exists():
            place.mkdir(parents=True)
            os.chown(place, 0, user)
            os.chmod(place, 0o2770)
        return place

    def start(self, document):
        """The process of a pod's container."""
        name, spec = document["metadata"]["name"], pod_of(document)["spec"]
        container, user = spec["containers"][0], spec["securityContext"]["runAsUser"]
        volumes = {v["name"]: v for v in spec["volumes"]}
        mounts = []
        for place in container["volumeMounts"]:
            if place["name"] in volumes:
                folder, writable = self.folder(volumes[place["name"]], user)
            else:
                folder, writable = self.claim(f"{place['name']}-{name}-0", user), True
            mounts.append((folder / place.get("subPath", ""), place["mountPath"], writable and not place.get("readOnly")))
        environment = {"PATH": "/copur:/usr/bin:/bin"}
        environment.update({e["name"]: e["value"] for e in container.get("env", [])})
        arguments = [re.sub(r"\$\$", "$", a) for a in container["args"]]
        root = self.root / "roots" / name
        root.mkdir(parents=True, exist_ok=True)
        log = open(self.root / f"{name}.log", "ab")

        def enter():
            system(LIBC.unshare(CLONE_NEWNS), "unshare")
            mount(None, "/", None, MS_REC | MS_PRIVATE)
            mount("tmpfs", root, "tmpfs")
            for folder in ("proc", "dev", "etc", "copur", "tmp", "var/lib"):
                (root / folder).mkdir(parents=True)
            for folder in ("usr", "opt", "bin", "lib", "lib64"):
                if os.path.islink(f"/{folder}"):
                    (root / folder).symlink_to(os.readlink(f"/{folder}"))
                elif os.path.isdir(f"/{folder}"):
                    (root / folder).mkdir()
                    mount(f"/{folder}", root / folder, None, MS_BIND | MS_REC)
            for folder in ("proc", "dev"):
                mount(f"/{folder}", root / folder, None, MS_BIND | MS_REC)
            for file in ("ld.so.cache", "ld.so.conf", "nsswitch.conf", "alternatives"):
                if os.path.isdir(f"/etc/{file}"):
                    shutil.copytree(f"/etc/{file}", root / "etc" / file, symlinks=True)
                elif os.path.exists(f"/etc/{file}"):
                    shutil.copy(f"/etc/{file}", root / "etc" / file)
            (root / "etc/hosts").write_text("127.0.0.1 localhost " + " ".join(self.services) + "\n")
            (root / "copur/copur").touch()
            mount(self.copur, root / "copur/copur", None, MS_BIND)
            for folder, place, writable in mounts:
                target = root / place.lstrip("/")
                target.mkdir(parents=True, exist_ok=True)
                mount(folder, target, None, MS_BIND)
                if not writable:
                    mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY)
            mount(None, root, None, MS_REMOUNT | MS_RDONLY)
            os.chroot(root)
            os.chdir(container["workingDir"])

        # No capability, no way to get one, and the pod's user.
        limits = ["setpriv", "--reuid", str(user), "--regid", str(spec["securityContext"]["runAsGroup"]), "--clear-groups"]
        limits += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        return subprocess.Popen(
            limits + container["command"] + arguments, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=enter)

    def log(self, document):
        return (self.root / f"{document['metadata']['name']}.log").read_text(errors="replace")[-3000:]


def ask(probe, ports):
    """Whether a probe's request succeeds, as the kubelet asks it: any certificate will do."""
    get = probe["httpGet"]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    url = f"{get['scheme'].lower()}://127.0.0.1:{ports[get['port']]}{get['path']}"
    try:
        with urllib.request.urlopen(url, timeout=probe["timeoutSeconds"], context=context) as answer:
            return 200 <= answer.status < 400
    except OSError:
        return False


def began(process, container, ports):
    probe = container["startupProbe"]
    for _ in range(probe["failureThreshold"]):
        if ask(probe, ports):
            return True
        if process.poll() is not None:
            return False
        time.sleep(probe["periodSeconds"] / 4)
    return False


def play(arguments):
    system(LIBC.unshare(CLONE_NEWNET), "unshare")
    loopback_up()
    cluster = Cluster(arguments)
    center = next(d for d in cluster.found if d["kind"] == "StatefulSet")
    container = pod_of(center)["spec"]["containers"][0]
    ports = {p["name"]: p["containerPort"] for p in container["ports"]}
    answer, processes = {"agents": {}, "lasting": [], "logs": {}}, []
    try:
        process = cluster.start(center)
        processes.append(process)
        answer["started"] = began(process, container, ports)
        answer["live"], answer["ready"] = (ask(container[p], ports) for p in ("livenessProbe", "readinessProbe"))
        agents = {d["metadata"]["name"]: (d, cluster.start(d)) for d in cluster.found if d["kind"] in ("Job", "Deployment")}
        processes += [p for _, p in agents.values()]
        for name, (document, agent) in agents.items():
            if document["kind"] == "Job":
                answer["agents"][name] = agent.wait(60)
            answer["logs"][name] = cluster.log(document)
        for name, (document, agent) in agents.items():
            if document["kind"] == "Deployment":
                deadline = time.monotonic() + 60
                while '"joined"' not in cluster.log(document) and agent.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
        # An agent that is told to stop gives the rows in flight a moment.
        for name, (document, agent) in agents.items():
            if document["kind"] == "Deployment":
                answer["lasting"] += [name] if agent.poll() is None else []
                agent.send_signal(signal.SIGTERM)
        for name, (document, agent) in agents.items():
            if document["kind"] == "Deployment":
                answer["agents"][name] = agent.wait(30)
                answer["logs"][name] = cluster.log(document)
        process.send_signal(signal.SIGTERM)
        answer["center"] = process.wait(30)
        # The pod is replaced: the volume is the same.
        process = cluster.start(center)
        processes.append(process)
        answer["startedAgain"] = began(process, container, ports)
        answer["readyAgain"] = ask(container["readinessProbe"], ports)
        process.send_signal(signal.SIGTERM)
        answer["centerAgain"] = process.wait(30)
        journal = next((cluster.root / "claims").glob("*/rounds.sqlite"))
        answer["owner"] = journal.stat().st_uid
        if arguments.journal:
            for file in journal.parent.iterdir():
                shutil.copy(file, arguments.journal)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
        if (cluster.root / f"{center['metadata']['name']}.log").exists():
            answer["logs"]["center"] = cluster.log(center)
        shutil.rmtree(cluster.root, ignore_errors=True)
    return answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["validate", "play"])
    parser.add_argument("folder")
    parser.add_argument("--copur")
    parser.add_argument("--claim", action="append", default=[])
    parser.add_argument("--journal", help="where the journal's files go afterwards")
    arguments = parser.parse_args()
    print(json.dumps(validate(arguments.folder) if arguments.step == "validate" else play(arguments)))


if __name__ == "__main__":
    sys.exit(main())
