#!/usr/bin/env python3
"""grpcio baseline of the data plane: rounds a second over TLS on loopback.

What a user would write in an afternoon with Python's grpcio (a C++ core): ten agent
processes each stream one 128-byte block a sample, the server counts the blocks of a round
and sends a receipt for each. No purification, no journal, so it flatters the baseline.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install grpcio cryptography
    .venv-bench/bin/python Deploy/bench/rounds_grpcio.py --agents 10 --seconds 10

Prints one JSON line: rounds completed a second.
"""
import argparse
import collections
import datetime
import json
import multiprocessing
import struct
import threading
import time
from concurrent import futures

METHOD = "/copur.bench.FusionCenter/Contribute"


def certificate():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return (
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        built.public_bytes(pem),
    )


def serve(agents, key, cert, ready, stop, result):
    import grpc

    counts, lock, done = collections.Counter(), threading.Lock(), [0]

    def contribute(messages, _context):
        for message in messages:
            (sample,) = struct.unpack_from("<Q", message)
            with lock:
                counts[sample] += 1
                if counts[sample] == agents:
                    del counts[sample]
                    done[0] += 1
            yield struct.pack("<Q", sample)

    handler = grpc.stream_stream_rpc_method_handler(contribute)
    service = grpc.method_handlers_generic_handler("copur.bench.FusionCenter", {"Contribute": handler})
    server = grpc.server(futures.ThreadPoolExecutor(2 * agents))
    server.add_generic_rpc_handlers((service,))
    port = server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(key, cert)]))
    server.start()
    ready.put(port)
    stop.wait()
    result.put(done[0])
    server.stop(0)


def contribute_forever(port, cert, seconds):
    import grpc

    channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(cert))
    call = channel.stream_stream(METHOD)
    end, block = time.monotonic() + seconds, bytes(128)

    def messages():
        sample = 0
        while time.monotonic() < end:
            sample += 1
            yield struct.pack("<Q", sample) + block

    for _ in call(messages()):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ready, result, stop = context.Queue(), context.Queue(), context.Event()
    key, cert = certificate()
    server = context.Process(target=serve, args=(arguments.agents, key, cert, ready, stop, result))
    server.start()
    port = ready.get(timeout=30)
    clients = [
        context.Process(target=contribute_forever, args=(port, cert, arguments.seconds))
        for _ in range(arguments.agents)
    ]
    start = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    elapsed = time.monotonic() - start
    stop.set()
    rounds = result.get(timeout=30)
    server.join()
    print(json.dumps({"engine": "grpcio", "agents": arguments.agents, "rounds_per_second": rounds / elapsed}))


if __name__ == "__main__":
    main()
