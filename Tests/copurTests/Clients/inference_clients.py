"""Clients that others wrote, against a running `copur serve`: each step prints one JSON object.

    inference_clients.py STEP --http HOST:PORT --grpc HOST:PORT --agents A,B,... --width N [--stubs DIR]

Steps: grpcio, concurrent, health, reflection, triton-http, triton-grpc, openapi, metrics.
"""

import argparse
import json
import subprocess
import sys
import urllib.request

import numpy as np


def blocks(options, agents):
    """A block of each agent, the same in every step: two samples."""
    generator = np.random.default_rng(7)
    values = {name: generator.standard_normal((2, options.width)).astype(np.float32) for name in options.agents}
    return {name: values[name] for name in agents}


def numbers(array):
    """An array's numbers, with None for NaN."""
    return [None if value != value else value for value in np.asarray(array).ravel().tolist()]


def grpcio(options):
    """grpcio with stubs from Protocols: contents that are typed, raw contents, and refusals."""
    import grpc

    sys.path.insert(0, options.stubs)
    from inference import grpc_service_pb2 as messages
    from inference import grpc_service_pb2_grpc as services

    with grpc.insecure_channel(options.grpc) as channel:
        stub = services.GRPCInferenceServiceStub(channel)

        def request(values, raw=False, **more):
            message = messages.ModelInferRequest(model_name="fusion", id="grpcio", **more)
            for name, array in values.items():
                tensor = message.inputs.add(name=name, datatype="FP32", shape=array.shape)
                if raw:
                    message.raw_input_contents.append(array.tobytes())
                else:
                    tensor.contents.fp32_contents.extend(array.ravel().tolist())
            return message

        given = blocks(options, options.agents[:-1])
        typed = stub.ModelInfer(request(given))
        raw = stub.ModelInfer(request(given, raw=True))

        def refused(message):
            try:
                stub.ModelInfer(message)
            except grpc.RpcError as error:
                return {"code": error.code().name, "message": error.details()}
            return {"code": "OK", "message": ""}

        first = options.agents[0]
        infinite = {first: np.full((1, options.width), np.inf, np.float32)}
        wide = {first: np.zeros((1, options.width + 1), np.float32)}
        unknown = {"nobody": np.zeros((1, options.width), np.float32)}
        other = request(given)
        other.model_name = "other"
        both = request(given, raw=True)
        both.inputs[0].contents.fp32_contents.append(1)
        typed_wrongly = request(given)
        typed_wrongly.inputs[0].datatype = "FP64"
        defense = request(given)
        defense.parameters["defense"].string_param = "magic"
        return {
            "live": stub.ServerLive(messages.ServerLiveRequest()).live,
            "ready": stub.ServerReady(messages.ServerReadyRequest()).ready,
            "outputs": [output.name for output in typed.outputs],
            "parameters": {name: value.string_param for name, value in typed.parameters.items()},
            "id": typed.id,
            "same": [output.contents.fp32_contents[:] for output in typed.outputs if output.name == "probabilities"][0]
            == np.frombuffer(raw.raw_output_contents[1], np.float32).tolist(),
            "raw outputs": len(raw.raw_output_contents),
            "refused": {
                "infinite": refused(request(infinite)),
                "too wide": refused(request(wide)),
                "no agent": refused(request(unknown)),
                "no quorum": refused(request(blocks(options, options.agents[:1]))),
                "no model": refused(other),
                "raw and typed": refused(both),
                "datatype": refused(typed_wrongly),
                "defence": refused(defense),
            },
        }


def concurrent(options):
    """Many requests at the same time, over gRPC and HTTP: each with the answer that it has alone."""
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    sys.path.insert(0, options.stubs)
    from inference import grpc_service_pb2 as messages
    from inference import grpc_service_pb2_grpc as services

    generator = np.random.default_rng(11)
    # Some agents are missing of some; one to three samples.
    requests = []
    for number in range(120):
        agents = options.agents[: len(options.agents) - number % 3]
        rows = 1 + number % 3
        requests.append(
            {name: generator.standard_normal((rows, options.width)).astype(np.float32) for name in agents}
        )

    def message(number):
        request = messages.ModelInferRequest(model_name="fusion", id=str(number))
        for name, array in requests[number].items():
            request.inputs.add(name=name, datatype="FP32", shape=array.shape)
            request.raw_input_contents.append(array.tobytes())
        return request

    def post(number):
        inputs = [
            {"name": name, "shape": array.shape, "datatype": "FP32", "data": array.ravel().tolist()}
            for name, array in requests[number].items()
        ]
        body = json.dumps({"id": str(number), "inputs": inputs}).encode()
        with urllib.request.urlopen(f"http://{options.http}/v2/models/fusion/infer", body) as response:
            return response.read()

    numbers = range(len(requests))
    with grpc.insecure_channel(options.grpc) as channel, ThreadPoolExecutor(32) as pool:
        stub = services.GRPCInferenceServiceStub(channel)

        def statistics():
            return stub.ModelStatistics(messages.ModelStatisticsRequest(name="fusion")).model_stats[0]

        alone = [stub.ModelInfer(message(number)) for number in numbers]
        alone_http = [post(number) for number in numbers]
        before = statistics()
        calls = [stub.ModelInfer.future(message(number)) for number in numbers]
        posts = pool.map(post, numbers)
        same = [call.result() == answer for call, answer in zip(calls, alone)]
        same_http = [body == answer for body, answer in zip(posts, alone_http)]
        after = statistics()
        return {
            "same": all(same) and all(same_http) and len(set(alone_http)) == len(requests),
            "inferences": after.inference_count - before.inference_count,
            "executions": after.execution_count - before.execution_count,
            "samples of batches": sum(b.batch_size * b.compute_infer.count for b in after.batch_stats),
            "samples": after.inference_count,
            "calls of batches": sum(b.compute_infer.count for b in after.batch_stats),
            "calls": after.execution_count,
            "nanoseconds of batches": sum(b.compute_infer.ns for b in after.batch_stats),
            "nanoseconds": after.inference_stats.compute_infer.ns,
            "parts": sum(
                getattr(after.inference_stats, part).ns
                for part in ("queue", "compute_input", "compute_infer", "compute_output")
            ),
            "whole": after.inference_stats.success.ns,
        }


def health(options):
    """grpcio-health-checking."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(options.grpc) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        status = health_pb2.HealthCheckResponse.ServingStatus.Name

        def check(service):
            try:
                return status(stub.Check(health_pb2.HealthCheckRequest(service=service)).status)
            except grpc.RpcError as error:
                return error.code().name

        unknown = stub.Watch(health_pb2.HealthCheckRequest(service="nobody"))
        whole = stub.Watch(health_pb2.HealthCheckRequest(service=""))
        watched = {"nobody": status(next(unknown).status), "": status(next(whole).status)}
        still_open = unknown.is_active()
        unknown.cancel()
        whole.cancel()
        services = ["", "copur.v1.FusionCenter", "inference.GRPCInferenceService", "grpc.health.v1.Health", "nobody"]
        return {"checked": {name: check(name) for name in services}, "watched": watched, "still open": still_open}


def reflection(options):
    """grpcio-reflection: services and descriptors, without a protocol file."""
    import grpc
    from google.protobuf.descriptor_pool import DescriptorPool
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

    with grpc.insecure_channel(options.grpc) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        infer = pool.FindMessageTypeByName("inference.ModelInferRequest")
        join = pool.FindServiceByName("copur.v1.FusionCenter").FindMethodByName("Join")
        # The same questions under the newer name.
        ask = channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        questions = [
            reflection_pb2.ServerReflectionRequest(list_services=""),
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="nobody.Nothing"),
        ]
        answers = list(ask(iter(questions)))
        assert reflection_pb2_grpc.ServerReflectionStub(channel) is not None
        return {
            "services": sorted(database.get_services()),
            "v1 services": sorted(service.name for service in answers[0].list_services_response.service),
            "unknown": answers[1].error_response.error_code,
            "fields": {field.name: field.number for field in infer.fields},
            "join": [join.input_type.full_name, join.output_type.full_name],
        }


def triton(module, url, options):
    client = module.InferenceServerClient(url)
    version = client.get_model_repository_index()

    def infer(agents, **more):
        inputs = []
        for name, array in blocks(options, agents).items():
            tensor = module.InferInput(name, list(array.shape), "FP32")
            tensor.set_data_from_numpy(array)
            inputs.append(tensor)
        return client.infer("fusion", inputs, request_id="triton", **more)

    result = infer(options.agents[:-1])
    whole = np.hstack([array for array in blocks(options, options.agents).values()])
    observed = np.array([[True] * (len(options.agents) - 1) + [False]] * 2)
    h = module.InferInput("h", list(whole.shape), "FP32")
    h.set_data_from_numpy(whole)
    omega = module.InferInput("observed", list(observed.shape), "BOOL")
    omega.set_data_from_numpy(observed)
    same = client.infer("fusion", [h, omega])
    names = ["label", "probabilities", "purified", "block_residual", "suspect", "converged", "objective"]
    try:
        infer(options.agents[:1])
        refused = ""
    except module.InferenceServerException as error:
        refused = error.message()
    try:
        other = client.is_model_ready("other")
    except module.InferenceServerException as error:
        # Over gRPC an unknown model is an error, as Triton's own.
        other = error.status() != "StatusCode.NOT_FOUND"
    statistics = client.get_inference_statistics("fusion")
    configuration = client.get_model_config("fusion")
    if not isinstance(configuration, dict):
        configuration = client.get_model_config("fusion", as_json=True)["config"]
    likeliest = infer(options.agents, outputs=[module.InferRequestedOutput("probabilities", class_count=3)])
    try:
        infer(options.agents, sequence_id=7)
        sequence = ""
    except module.InferenceServerException as error:
        sequence = error.message()
    return {
        "inputs": {tensor["name"]: [*map(int, tensor["dims"])] for tensor in configuration["input"] if tensor["optional"]},
        "configured outputs": {tensor["name"]: tensor["data_type"] for tensor in configuration["output"]},
        "batch": configuration["max_batch_size"],
        "classes": [
            [int(text.split(b":")[1]) for text in row] for row in likeliest.as_numpy("probabilities").tolist()],
        "expected classes": np.argsort(
            -infer(options.agents).as_numpy("probabilities"), axis=1, kind="stable")[:, :3].tolist(),
        "sequence": sequence,
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model ready": client.is_model_ready("fusion"),
        "other ready": other,
        "shapes": {name: list(result.as_numpy(name).shape) for name in names},
        "types": {name: str(result.as_numpy(name).dtype) for name in names},
        "labels": numbers(result.as_numpy("label")),
        "probabilities": numbers(result.as_numpy("probabilities")),
        "residuals": numbers(result.as_numpy("block_residual")),
        "same by h": all(np.array_equal(result.as_numpy(n), same.as_numpy(n), equal_nan=True) for n in names),
        "refused": refused,
        "index": len(version) if isinstance(version, list) else len(version.models),
        "inferences": int(
            statistics["model_stats"][0]["inference_count"]
            if isinstance(statistics, dict)
            else statistics.model_stats[0].inference_count
        ),
    }


def triton_http(options):
    """tritonclient over HTTP: binary both ways, as it does by default, and JSON."""
    import tritonclient.http as module

    module.InferenceServerException = __import__("tritonclient.utils", fromlist=["x"]).InferenceServerException
    answer = triton(module, options.http, options)
    client = module.InferenceServerClient(options.http)
    inputs = []
    for name, array in blocks(options, options.agents[:-1]).items():
        tensor = module.InferInput(name, list(array.shape), "FP32")
        tensor.set_data_from_numpy(array, binary_data=False)
        inputs.append(tensor)
    outputs = [module.InferRequestedOutput(name, binary_data=False) for name in ("probabilities", "block_residual")]
    result = client.infer("fusion", inputs, outputs=outputs)
    answer["json probabilities"] = numbers(result.as_numpy("probabilities"))
    answer["json outputs"] = [output["name"] for output in result.get_response()["outputs"]]
    return answer


def triton_grpc(options):
    """tritonclient over gRPC."""
    import tritonclient.grpc as module

    module.InferenceServerException = __import__("tritonclient.utils", fromlist=["x"]).InferenceServerException
    return triton(module, options.grpc, options)


def openapi(options):
    """schemathesis: no 5xx, and nothing that the document does not say."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    checks += "response_schema_conformance"
    program = [sys.executable.replace("bin/python3", "bin/python").rsplit("/", 1)[0] + "/schemathesis", "run"]
    program += [f"http://{options.http}/openapi.json", "--checks", checks, "--phases", "examples,coverage,fuzzing"]
    program += ["--max-examples", "6", "--seed", "1", "--generation-database", "none", "--no-color"]
    finished = subprocess.run(program, capture_output=True, text=True)
    return {"code": finished.returncode, "output": finished.stdout[-4000:] + finished.stderr[-2000:]}


def metrics(options):
    """prometheus-client's parser: families, their types, and that histograms add up."""
    from prometheus_client.parser import text_string_to_metric_families

    with urllib.request.urlopen(f"http://{options.http}/metrics") as response:
        content_type = response.headers["Content-Type"]
        text = response.read().decode()
    families = list(text_string_to_metric_families(text))
    broken = []
    for family in families:
        if family.type != "histogram":
            continue
        series = {}
        for sample in family.samples:
            labels = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
            series.setdefault(labels, {}).setdefault(sample.name[len(family.name):], []).append(sample)
        for parts in series.values():
            counts = [sample.value for sample in parts["_bucket"]]
            if counts != sorted(counts) or parts["_bucket"][-1].labels["le"] != "+Inf":
                broken.append(family.name)
            if counts[-1] != parts["_count"][0].value or len(parts["_sum"]) != 1:
                broken.append(family.name)
    return {
        "content type": content_type,
        "types": {family.name: family.type for family in families},
        "names": sorted({sample.name for family in families for sample in family.samples}),
        "twice": len(families) - len({family.name for family in families}),
        "undocumented": [family.name for family in families if not family.documentation],
        "broken": broken,
        "values": {
            sample.name + "".join(f"|{v}" for _, v in sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
            if family.type != "histogram"
        },
    }


def main():
    steps = {
        "grpcio": grpcio, "concurrent": concurrent, "health": health, "reflection": reflection, "triton-http": triton_http,
        "triton-grpc": triton_grpc, "openapi": openapi, "metrics": metrics,
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=steps)
    parser.add_argument("--http", required=True)
    parser.add_argument("--grpc", required=True)
    parser.add_argument("--agents", required=True, type=lambda text: text.split(","))
    parser.add_argument("--width", required=True, type=int)
    parser.add_argument("--stubs")
    options = parser.parse_args()
    print(json.dumps(steps[options.step](options)))


if __name__ == "__main__":
    main()
