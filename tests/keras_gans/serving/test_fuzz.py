"""Whatever a client sends, the answer is a documented one, and the server lives on."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

QUICK = settings(
    max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)
SIGNATURES = {
    "digits": ("serving_default", "generate", "generate_png", "score"),
    "captions": ("serving_default", "generate"),
    # Not `slow`, which takes as long as it is asked to.
    "foreign": ("serving_default", "centred", "total", "nan", "strings", "types", "half", "fixed"),
}
INPUTS = ("seeds", "truncation", "labels", "latents", "images", "temperature", "x", "s", "m", "b", "i", "u", "l", "d")
STATUSES = {200, 400, 404, 413, 501}
numbers = st.integers(-(2**65), 2**65) | st.integers(0, 5) | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | st.text(max_size=8) | st.fixed_dictionaries({"b64": st.text(max_size=8)})
tensors = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4), max_leaves=20)
rows = tensors | st.dictionaries(st.sampled_from(INPUTS), tensors, max_size=4)


@st.composite
def requests(draw):
    """A request that is nearly right: of a model and signature that are there, with names that inputs have."""
    model = draw(st.sampled_from(sorted(SIGNATURES)))
    content = {"signature_name": draw(st.sampled_from(SIGNATURES[model]))}
    if draw(st.booleans()):
        content["instances"] = draw(st.lists(rows, max_size=4) | rows)
    else:
        content["inputs"] = draw(rows)
    return model, content


@settings(QUICK, max_examples=125)
@given(request=requests())
def test_requests_that_are_nearly_right(server, request):
    model, content = request
    status, answer = server.predict(model, content)
    assert status in STATUSES, (content, answer)
    assert set(answer) == ({"error"} if status != 200 else {"predictions"} if "instances" in content else {"outputs"})


@settings(QUICK, max_examples=100)
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_bodies_of_any_bytes(server, body):
    status, answer = server.post("/v1/models/foreign:predict", body)
    assert status == 400
    assert list(answer) == ["error"]


def test_answers_are_as_described(server):
    """Statuses, content types and JSON are those of the description, for what it allows and for what it does not."""
    described = schemathesis.openapi.from_url(f"{server.url}openapi.json")
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.checks.status_code_conformance,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
    ]
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) == 15
    for operation in operations:
        cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        if "{" in operation.path:
            cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @QUICK
        @given(case=cases)
        def answer_is_as_described(case):
            case.call_and_validate(checks=checks)

        answer_is_as_described()
