"""A collector of traces as OpenTelemetry has it (OTLP over gRPC), with PyPI's messages and Python's grpcio.

    collector.py [--certificate FILE --key FILE] [--mute]

It prints "listening PORT", and then each span that it gets as a JSON object on a line. With --mute it takes requests and
never answers.
"""

import argparse
import concurrent.futures
import json
import threading

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc
from opentelemetry.proto.trace.v1 import trace_pb2 as trace


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(each) for each in any_value.array_value.values]
    return getattr(any_value, kind)


def attributes(pairs):
    return {pair.key: value(pair.value) for pair in pairs}


class Collector(service_grpc.TraceServiceServicer):
    def __init__(self, mute):
        self.mute = mute

    def Export(self, request, context):
        if self.mute:
            print("muted", flush=True)
            threading.Event().wait()
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    print(
                        json.dumps({
                            "service": attributes(resource.resource.attributes).get("service.name"),
                            "scope": scope.scope.name,
                            "name": span.name,
                            "kind": trace.Span.SpanKind.Name(span.kind),
                            "trace": span.trace_id.hex(),
                            "id": span.span_id.hex(),
                            "parent": span.parent_span_id.hex(),
                            "start": span.start_time_unix_nano,
                            "end": span.end_time_unix_nano,
                            "status": trace.Status.StatusCode.Name(span.status.code),
                            "attributes": {name: str(each) for name, each in attributes(span.attributes).items()},
                        }),
                        flush=True)
        return service.ExportTraceServiceResponse()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--mute", action="store_true")
    options = parser.parse_args()
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=4))
    service_grpc.add_TraceServiceServicer_to_server(Collector(options.mute), server)
    if options.certificate:
        with open(options.key, "rb") as key, open(options.certificate, "rb") as certificate:
            credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening {port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
