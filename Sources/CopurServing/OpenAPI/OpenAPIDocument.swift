internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics

/// The description of the HTTP plane that clients can read: OpenAPI 3.1.
struct OpenAPIDocument {
  let model: ServedModel

  /// The document, in JSON.
  var json: String {
    Self.template
      .replacing("$EXAMPLE", with: example)
      .replacing("$VERSION", with: model.version)
      .replacing("$INTERFACE", with: ServerDescription.version)
  }

  /// A request that the model answers: one sample, every agent there.
  private var example: String {
    let inputs = zip(model.roster.agents, model.roster.layout.widths).map { agent, width in
      let data = [String](repeating: "0.5", count: width).joined(separator: ",")
      return #"{"name":"\#(agent)","shape":[1,\#(width)],"datatype":"FP32","data":[\#(data)]}"#
    }
    return #"{"id":"example","inputs":[\#(inputs.joined(separator: ","))]}"#
  }

  /// The document, without what depends on the model.
  private static let template = #"""
    {
     "openapi": "3.1.0",
     "info": {
      "title": "copur",
      "version": "$INTERFACE",
      "description": "The HTTP plane of a fusion center: the Open Inference Protocol, version 2, health and metrics."
     },
     "security": [{"bearer": []}, {"password": []}, {"certificate": []}, {}],
     "paths": {
      "/v2": {
       "get": {
        "operationId": "serverMetadata",
        "summary": "What the server is.",
        "tags": ["inference"],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Server"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"}
        }
       }
      },
      "/v2/health/live": {
       "get": {
        "operationId": "live",
        "summary": "Whether the process lives.",
        "tags": ["health"],
        "security": [],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Live"}}}
         }
        }
       }
      },
      "/v2/health/ready": {
       "get": {
        "operationId": "ready",
        "summary": "Whether the server takes work.",
        "tags": ["health"],
        "security": [],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ready"}}}
         },
         "503": {
          "description": "Not now: it shuts down, or its journal has failed.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ready"}}}
         }
        }
       }
      },
      "/v2/models/stats": {
       "get": {
        "operationId": "allStatistics",
        "summary": "What inference has been done.",
        "tags": ["inference"],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statistics"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"}
        }
       }
      },
      "/v2/repository/index": {
       "post": {
        "operationId": "repositoryIndex",
        "summary": "The models that there are.",
        "tags": ["inference"],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Index"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "408": {"$ref": "#/components/responses/Slow"},
         "413": {"$ref": "#/components/responses/TooLarge"}
        }
       }
      },
      "/v2/models/{model}": {
       "get": {
        "operationId": "modelMetadata",
        "summary": "A model's inputs and outputs.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Model"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"}
        }
       }
      },
      "/v2/models/{model}/ready": {
       "get": {
        "operationId": "modelReady",
        "summary": "Whether a model takes requests.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ModelReady"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"},
         "503": {
          "description": "Not now.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ModelReady"}}}
         }
        }
       }
      },
      "/v2/models/{model}/stats": {
       "get": {
        "operationId": "modelStatistics",
        "summary": "What inference a model has done.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statistics"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"}
        }
       }
      },
      "/v2/models/{model}/infer": {
       "post": {
        "operationId": "modelInfer",
        "summary": "Predicts from agents' blocks; an input that is left out is a missing agent.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}, {"$ref": "#/components/parameters/jsonLength"}],
        "requestBody": {
         "required": true,
         "content": {
          "application/json": {"schema": {"$ref": "#/components/schemas/InferenceRequest"}, "example": $EXAMPLE},
          "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
         }
        },
        "responses": {
         "200": {
          "description": "The outputs, and who took part.",
          "content": {
           "application/json": {"schema": {"$ref": "#/components/schemas/InferenceResponse"}},
           "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
          },
          "headers": {
           "Inference-Header-Content-Length": {
            "description": "How long the JSON is in front of binary values.",
            "schema": {"type": "integer", "minimum": 0}
           }
          }
         },
         "400": {"$ref": "#/components/responses/Invalid"},
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"},
         "408": {"$ref": "#/components/responses/Slow"},
         "413": {"$ref": "#/components/responses/TooLarge"},
         "415": {"$ref": "#/components/responses/Encoding"},
         "422": {"$ref": "#/components/responses/NoQuorum"},
         "429": {"$ref": "#/components/responses/TooMany"},
         "503": {"$ref": "#/components/responses/NotReady"}
        }
       }
      },
      "/v2/models/{model}/versions/{version}": {
       "get": {
        "operationId": "modelVersionMetadata",
        "summary": "A model's inputs and outputs.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}, {"$ref": "#/components/parameters/version"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Model"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"}
        }
       }
      },
      "/v2/models/{model}/versions/{version}/ready": {
       "get": {
        "operationId": "modelVersionReady",
        "summary": "Whether a model takes requests.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}, {"$ref": "#/components/parameters/version"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ModelReady"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"},
         "503": {
          "description": "Not now.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ModelReady"}}}
         }
        }
       }
      },
      "/v2/models/{model}/versions/{version}/stats": {
       "get": {
        "operationId": "modelVersionStatistics",
        "summary": "What inference a model has done.",
        "tags": ["inference"],
        "parameters": [{"$ref": "#/components/parameters/model"}, {"$ref": "#/components/parameters/version"}],
        "responses": {
         "200": {
          "description": "Success.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statistics"}}}
         },
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"}
        }
       }
      },
      "/v2/models/{model}/versions/{version}/infer": {
       "post": {
        "operationId": "modelVersionInfer",
        "summary": "Predicts from agents' blocks; an input that is left out is a missing agent.",
        "tags": ["inference"],
        "parameters": [
         {"$ref": "#/components/parameters/model"},
         {"$ref": "#/components/parameters/version"},
         {"$ref": "#/components/parameters/jsonLength"}
        ],
        "requestBody": {
         "required": true,
         "content": {
          "application/json": {"schema": {"$ref": "#/components/schemas/InferenceRequest"}, "example": $EXAMPLE},
          "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
         }
        },
        "responses": {
         "200": {
          "description": "The outputs, and who took part.",
          "content": {
           "application/json": {"schema": {"$ref": "#/components/schemas/InferenceResponse"}},
           "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
          },
          "headers": {
           "Inference-Header-Content-Length": {
            "description": "How long the JSON is in front of binary values.",
            "schema": {"type": "integer", "minimum": 0}
           }
          }
         },
         "400": {"$ref": "#/components/responses/Invalid"},
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"},
         "404": {"$ref": "#/components/responses/NotFound"},
         "408": {"$ref": "#/components/responses/Slow"},
         "413": {"$ref": "#/components/responses/TooLarge"},
         "415": {"$ref": "#/components/responses/Encoding"},
         "422": {"$ref": "#/components/responses/NoQuorum"},
         "429": {"$ref": "#/components/responses/TooMany"},
         "503": {"$ref": "#/components/responses/NotReady"}
        }
       }
      },
      "/metrics": {
       "get": {
        "operationId": "metrics",
        "summary": "Prometheus' text format.",
        "tags": ["monitoring"],
        "responses": {
         "200": {"description": "All metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"}
        }
       }
      },
      "/openapi.json": {
       "get": {
        "operationId": "openapi",
        "summary": "This document.",
        "tags": ["monitoring"],
        "responses": {
         "200": {"description": "Success.", "content": {"application/json": {"schema": {"type": "object"}}}},
         "401": {"$ref": "#/components/responses/Unauthorized"},
         "403": {"$ref": "#/components/responses/Forbidden"}
        }
       }
      }
     },
     "components": {
      "parameters": {
       "model": {"name": "model", "in": "path", "required": true, "schema": {"type": "string", "enum": ["fusion"]}},
       "version": {"name": "version", "in": "path", "required": true, "schema": {"type": "string", "enum": ["$VERSION"]}},
       "jsonLength": {
        "name": "Inference-Header-Content-Length",
        "in": "header",
        "required": false,
        "description": "How long the JSON is, where inputs' values follow it.",
        "schema": {"type": "integer", "minimum": 0}
       }
      },
      "responses": {
       "Invalid": {
        "description": "The request breaks a rule, which is named with the field.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "Unauthorized": {
        "description": "Neither a token nor a certificate that the server knows.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}}
       },
       "Forbidden": {
        "description": "Not for this role.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "NotFound": {
        "description": "No such model, version or defence.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "Slow": {
        "description": "The body did not come in time.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "TooLarge": {
        "description": "The body is too long.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "Encoding": {
        "description": "The body is compressed.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "NoQuorum": {
        "description": "A sample has fewer blocks than the quorum.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "TooMany": {
        "description": "Too many requests wait.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       },
       "NotReady": {
        "description": "The server takes no work now.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
       }
      },
      "schemas": {
       "Server": {
        "type": "object",
        "properties": {
         "name": {"type": "string"},
         "version": {"type": "string"},
         "extensions": {"type": "array", "items": {"type": "string"}}
        },
        "required": ["extensions", "name", "version"]
       },
       "Live": {"type": "object", "properties": {"live": {"type": "boolean"}}, "required": ["live"]},
       "Ready": {
        "type": "object",
        "properties": {"live": {"type": "boolean"}, "ready": {"type": "boolean"}},
        "required": ["live", "ready"]
       },
       "ModelReady": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "ready": {"type": "boolean"}},
        "required": ["name", "ready"]
       },
       "Model": {
        "type": "object",
        "properties": {
         "name": {"type": "string"},
         "versions": {"type": "array", "items": {"type": "string"}},
         "platform": {"type": "string"},
         "inputs": {
          "type": "array",
          "items": {
           "type": "object",
           "properties": {
            "name": {"type": "string"},
            "datatype": {"enum": ["BOOL", "FP32", "INT64"]},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}}
           },
           "required": ["datatype", "name", "shape"]
          }
         },
         "outputs": {
          "type": "array",
          "items": {
           "type": "object",
           "properties": {
            "name": {"type": "string"},
            "datatype": {"enum": ["BOOL", "FP32", "INT64"]},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}}
           },
           "required": ["datatype", "name", "shape"]
          }
         },
         "properties": {"type": "object", "additionalProperties": {"type": "string"}}
        },
        "required": ["inputs", "name", "outputs", "platform", "properties", "versions"]
       },
       "Index": {
        "type": "array",
        "items": {
         "type": "object",
         "properties": {
          "name": {"type": "string"},
          "version": {"type": "string"},
          "state": {"enum": ["READY", "UNAVAILABLE"]},
          "reason": {"type": "string"}
         },
         "required": ["name", "reason", "state", "version"]
        }
       },
       "Duration": {
        "type": "object",
        "properties": {"count": {"type": "integer", "minimum": 0}, "ns": {"type": "integer", "minimum": 0}},
        "required": ["count", "ns"]
       },
       "Statistics": {
        "type": "object",
        "properties": {
         "model_stats": {
          "type": "array",
          "items": {
           "type": "object",
           "properties": {
            "name": {"type": "string"},
            "version": {"type": "string"},
            "last_inference": {"type": "integer", "minimum": 0},
            "inference_count": {"type": "integer", "minimum": 0},
            "execution_count": {"type": "integer", "minimum": 0},
            "inference_stats": {
             "type": "object",
             "properties": {
              "success": {"$ref": "#/components/schemas/Duration"},
              "fail": {"$ref": "#/components/schemas/Duration"},
              "queue": {"$ref": "#/components/schemas/Duration"},
              "compute_input": {"$ref": "#/components/schemas/Duration"},
              "compute_infer": {"$ref": "#/components/schemas/Duration"},
              "compute_output": {"$ref": "#/components/schemas/Duration"}
             },
             "required": ["compute_infer", "compute_input", "compute_output", "fail", "queue", "success"]
            },
            "batch_stats": {"type": "array"}
           },
           "required": [
            "batch_stats",
            "execution_count",
            "inference_count",
            "inference_stats",
            "last_inference",
            "name",
            "version"
           ]
          }
         }
        },
        "required": ["model_stats"]
       },
       "Parameters": {
        "type": "object",
        "properties": {
         "defense": {"type": "string", "description": "The defence that decides; the service's first if left out."},
         "binary_data_output": {"type": "boolean", "description": "Whether outputs' values go behind the JSON."}
        },
        "additionalProperties": true
       },
       "Input": {
        "type": "object",
        "properties": {
         "name": {"type": "string", "description": "An agent; or h, for all blocks side by side, and observed."},
         "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
         "datatype": {"enum": ["FP32", "BOOL"]},
         "data": {
          "description": "Row by row, flat or nested.",
          "type": "array",
          "items": {
           "oneOf": [{"type": "number"}, {"type": "boolean"}, {"type": "array", "items": {"type": ["number", "boolean"]}}]
          }
         },
         "parameters": {"type": "object", "properties": {"binary_data_size": {"type": "integer", "minimum": 0}}}
        },
        "required": ["datatype", "name", "shape"]
       },
       "RequestedOutput": {
        "type": "object",
        "properties": {
         "name": {"type": "string"},
         "parameters": {"type": "object", "properties": {"binary_data": {"type": "boolean"}}}
        },
        "required": ["name"]
       },
       "InferenceRequest": {
        "type": "object",
        "properties": {
         "id": {"type": "string"},
         "parameters": {"$ref": "#/components/schemas/Parameters"},
         "inputs": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Input"}},
         "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/RequestedOutput"}}
        },
        "required": ["inputs"]
       },
       "Output": {
        "type": "object",
        "properties": {
         "name": {"type": "string"},
         "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
         "datatype": {"enum": ["BOOL", "FP32", "INT64"]},
         "data": {
          "description": "Row by row; null for a number that there is not, such as the residual of a missing agent.",
          "type": "array",
          "items": {"type": ["number", "boolean", "null"]}
         },
         "parameters": {
          "type": "object",
          "properties": {"binary_data_size": {"type": "integer", "minimum": 0}},
          "required": ["binary_data_size"]
         }
        },
        "required": ["datatype", "name", "shape"]
       },
       "InferenceResponse": {
        "type": "object",
        "properties": {
         "model_name": {"type": "string"},
         "model_version": {"type": "string"},
         "id": {"type": "string"},
         "parameters": {
          "type": "object",
          "properties": {
           "contributors": {
            "type": "string",
            "description": "Agents whose blocks were used, with commas between; where samples differ, a list a sample, with semicolons between."
           },
           "missing": {"type": "string", "description": "Agents that were left out, likewise."},
           "suspects": {"type": "string", "description": "Agents that the defence suspects, likewise."},
           "defense": {"type": "string"}
          },
          "required": ["contributors", "defense", "missing", "suspects"]
         },
         "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Output"}}
        },
        "required": ["id", "model_name", "model_version", "outputs", "parameters"]
       },
       "Problem": {
        "type": "object",
        "properties": {
         "type": {"type": "string"},
         "title": {"type": "string"},
         "status": {"type": "integer"},
         "detail": {"type": "string"},
         "instance": {"type": "string"},
         "error": {"type": "string", "description": "The same as detail, for Triton's clients."}
        },
        "required": ["detail", "error", "instance", "status", "title", "type"],
        "description": "RFC 9457."
       }
      },
      "securitySchemes": {
       "bearer": {"type": "http", "scheme": "bearer"},
       "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The token as the password; the user's name has no meaning."
       },
       "certificate": {"type": "mutualTLS"}
      }
     }
    }
    """#
}
