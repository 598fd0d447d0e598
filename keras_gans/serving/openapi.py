"""The OpenAPI description of the REST API, for clients and for tests."""

from keras_gans import __version__
from keras_gans.serving.settings import Settings

_TEXT = {"type": "string"}
_ERROR = {
    "description": "What is wrong.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["error"], "properties": {"error": _TEXT}, "additionalProperties": False}
        }
    },
}
_TENSOR = {
    "description": 'A number, string or boolean, or lists of lists of them, all of one shape; bytes as {"b64": ...}.',
    "anyOf": [
        {"type": "number"},
        _TEXT,
        {"type": "boolean"},
        {"type": "array"},
        {"type": "object", "required": ["b64"], "properties": {"b64": _TEXT}, "additionalProperties": False},
    ],
}
_NAMED = {"type": "object", "additionalProperties": _TENSOR}
_STATES = ["UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END"]
_STATUS = {
    "type": "object",
    "required": ["model_version_status"],
    "properties": {
        "model_version_status": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["version", "state", "status"],
                "properties": {
                    "version": _TEXT,
                    "state": {"enum": _STATES},
                    "status": {
                        "type": "object",
                        "required": ["error_code", "error_message"],
                        "properties": {"error_code": _TEXT, "error_message": _TEXT},
                    },
                },
            },
        }
    },
}
_METADATA = {
    "type": "object",
    "required": ["model_spec", "metadata"],
    "properties": {"model_spec": {"type": "object"}, "metadata": {"type": "object"}},
}
_LIST = {
    "type": "object",
    "required": ["models"],
    "properties": {
        "models": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "versions", "labels", "classes", "condition_names", "fps"],
                "properties": {
                    "name": _TEXT,
                    "versions": {"type": "array", "items": {"type": "integer"}},
                    "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "classes": {"type": "array", "items": _TEXT},
                    "condition_names": {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}},
                    "fps": {"type": ["number", "null"]},
                },
            },
        }
    },
}
_HEALTH = {"type": "object", "required": ["status"], "properties": {"status": _TEXT}}
_NAME = {"type": "string", "pattern": "^[^/:]+$", "minLength": 1}
_WHICH = {
    "": [("model", _NAME)],
    "/versions/{version}": [("model", _NAME), ("version", {"type": "integer", "minimum": 0, "maximum": 2**63 - 1})],
    "/labels/{label}": [("model", _NAME), ("label", _NAME)],
}


def document(settings: Settings) -> dict:
    """Return the OpenAPI document for a server's settings."""
    paths: dict[str, dict] = {
        "/v1/models": {"get": _get("The available models.", _LIST)},
        "/healthz": {"get": _get("Whether the server runs.", _HEALTH)},
        "/readyz": {"get": _get("Whether a model is available.", _HEALTH, {"503": _answer("Not yet.", _HEALTH)})},
    }
    for which, parameters in _WHICH.items():
        path = f"/v1/models/{{model}}{which}"
        shared = [{"name": name, "in": "path", "required": True, "schema": schema} for name, schema in parameters]
        errors = {"400": _ERROR, "404": _ERROR}
        paths[path] = {"parameters": shared, "get": _get("The state of its versions.", _STATUS, errors)}
        paths[f"{path}/metadata"] = {"parameters": shared, "get": _get("Its signatures.", _METADATA, errors)}
        paths[f"{path}/clip.webp"] = {"parameters": shared, "get": _clip()}
        paths[f"{path}:predict"] = {"parameters": shared, "post": _predict(settings)}
    info = {
        "title": "keras-gans serve",
        "version": __version__,
        "description": "TensorFlow Serving's REST API: https://www.tensorflow.org/tfx/serving/api_rest",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _get(summary: str, schema: dict, errors: dict | None = None) -> dict:
    return {"summary": summary, "responses": {"200": _answer(summary, schema), **(errors or {})}}


def _answer(description: str, schema: dict) -> dict:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _clip() -> dict:
    whole = {"type": "integer", "minimum": 0}
    return {
        "summary": "A clip of a model of video, by its seed, and by its label if there are classes.",
        "parameters": [
            {"name": "seed", "in": "query", "required": True, "schema": {**whole, "maximum": 2**63 - 1}},
            {"name": "label", "in": "query", "schema": {**whole, "maximum": 2**31 - 1}},
        ],
        "responses": {
            "200": {
                "description": "An animated WebP.",
                "content": {"image/webp": {"schema": {"type": "string", "contentMediaType": "image/webp"}}},
            },
            **dict.fromkeys(("400", "404", "429", "503", "504"), _ERROR),
        },
    }


def _predict(settings: Settings) -> dict:
    signature = {"signature_name": {"type": "string", "description": "serving_default if it is left out."}}
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": settings.max_rows,
        "items": {"anyOf": [_TENSOR, _NAMED]},
    }
    requests: list[dict] = [
        {"type": "object", "required": ["instances"], "properties": {"instances": rows, **signature}},
        {"type": "object", "required": ["inputs"], "properties": {"inputs": {"anyOf": [_TENSOR, _NAMED]}, **signature}},
    ]
    answers: list[dict] = [
        {"type": "object", "required": ["predictions"], "properties": {"predictions": {"type": "array"}}},
        {"type": "object", "required": ["outputs"], "properties": {"outputs": {}}},
    ]
    statuses = ("400", "404", "408", "413", "429", "501", "503", "504")
    return {
        "summary": "Runs a signature on rows (instances) or columns (inputs).",
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"oneOf": requests}}}},
        "responses": {"200": _answer("The outputs.", {"oneOf": answers}), **dict.fromkeys(statuses, _ERROR)},
    }
