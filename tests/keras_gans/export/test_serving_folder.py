"""A server's folder of models: what TensorFlow Serving is started with, and programs that ask it."""

import json
import subprocess

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2
from tensorflow_serving.config import model_server_config_pb2

import keras_gans
from keras_gans import export
from keras_gans.export import parity
from keras_gans.export.server_config import ServerConfig
from keras_gans.serving.model_folder import versions


@pytest.fixture(scope="module")
def model():
    return keras_gans.create_model("cgan", image_shape=(8, 8, 1), width=8, latent_dim=4, num_classes=3, seed=0)


@pytest.fixture
def publish(model, tmp_path, monkeypatch):
    """Publishes without the check in a clean process, which tests/keras_gans/export/test_export.py makes."""
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)
    return lambda name="digits", **how: export.publish(model, tmp_path, name, **how)[0]


def configs(root):
    text = (root / "models.config").read_text()
    parsed = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    return {config.name: config for config in parsed.model_config_list.config}


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_several_models_and_versions(publish, tmp_path):
    assert [publish() for _ in range(2)] == [tmp_path / "digits" / "1", tmp_path / "digits" / "2"]
    assert publish("others", class_names=["a", "b", "c d"]) == tmp_path / "others" / "1"
    assert (tmp_path / "digits" / "1" / "assets" / "labels.txt").read_text() == "0\n1\n2\n"
    assert (tmp_path / "others" / "1" / "assets" / "labels.txt").read_text() == "a\nb\nc d\n"
    found = configs(tmp_path)
    assert sorted(found) == ["digits", "others"]
    assert dict(found["digits"].version_labels) == {"stable": 2}
    # What is copied there by hand is served, too, as soon as it is whole.
    assert found["digits"].model_version_policy.latest.num_versions == 1


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_old_versions_go_and_labelled_ones_stay(publish, tmp_path):
    publish(label="old")
    for _ in range(3):
        publish(keep=2)
    assert list(versions(tmp_path / "digits")) == [1, 3, 4]
    assert sorted(path.name for path in (tmp_path / "digits").iterdir()) == ["1", "3", "4"]
    assert dict(configs(tmp_path)["digits"].version_labels) == {"old": 1, "stable": 4}
    assert list(configs(tmp_path)["digits"].model_version_policy.specific.versions) == [1, 4]


def test_what_the_user_changed_stays(publish, tmp_path):
    publish()
    (tmp_path / "docker-compose.yaml").write_text("mine")
    text = (tmp_path / "models.config").read_text()
    (tmp_path / "models.config").write_text(text.replace("stable", "best"))
    publish()
    assert (tmp_path / "docker-compose.yaml").read_text() == "mine"
    assert dict(configs(tmp_path)["digits"].version_labels) == {"best": 1, "stable": 2}


BY_HAND = """
# A folder that lies elsewhere, and versions that the user chose.
model_config_list {
  config { name: "elsewhere" base_path: "/mnt/elsewhere" model_platform: "tensorflow"
           logging_config { sampling_config { sampling_rate: 0.5 } } }
  config { name: "digits" base_path: "/models/digits" model_platform: "tensorflow"
           model_version_policy { POLICY } version_labels { key: "best" value: 1 } }
}
"""


@pytest.fixture
def labelled(tmp_path):
    """Labels versions without a model in them, as publishing does."""

    def label(name, version):
        folder = tmp_path / "digits" / str(version)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "saved_model.pb").touch()
        config = ServerConfig(tmp_path)
        config.set_label("digits", name, version)
        config.write()
        return configs(tmp_path)

    return label


@pytest.mark.parametrize("policy", ["all {}", "specific { versions: 1 versions: 2 }", "latest { num_versions: 2 }"])
def test_what_the_user_configured_stays(labelled, tmp_path, policy):
    labelled("best", 1)
    (tmp_path / "models.config").write_text(BY_HAND.replace("POLICY", policy))
    before = configs(tmp_path)
    for version in (2, 3):
        after = labelled("stable", version)
        assert list(after) == ["elsewhere", "digits"]
        assert after["elsewhere"] == before["elsewhere"]
        assert after["digits"].model_version_policy == before["digits"].model_version_policy
        assert dict(after["digits"].version_labels) == {"best": 1, "stable": version}


def test_versions_are_chosen_anew_unless_the_user_has_changed_them(labelled, tmp_path):
    path = tmp_path / "models.config"
    labelled("stable", 1)
    labelled("canary", 2)
    # As the documentation has it: the canary becomes the stable version.
    path.write_text(path.read_text().replace("value: 1", "value: 2"))
    assert list(labelled("canary", 3)["digits"].model_version_policy.specific.versions) == [2, 3]
    path.write_text(path.read_text().replace("versions: 2", "versions: 1\n versions: 2", 1))
    for version in (4, 5):
        found = labelled("canary", version)["digits"]
        assert list(found.model_version_policy.specific.versions) == [1, 2, 3]
        assert dict(found.version_labels) == {"stable": 2, "canary": version}


def test_versions_that_the_user_serves_are_not_removed(publish, labelled, tmp_path):
    for version in (1, 2, 3):
        labelled("best", version)
    chosen = "specific { versions: 2 }"
    (tmp_path / "models.config").write_text(BY_HAND.replace("POLICY", chosen).replace("value: 1", "value: 3"))
    publish(keep=1)
    assert list(versions(tmp_path / "digits")) == [2, 3, 4]
    assert list(configs(tmp_path)) == ["elsewhere", "digits"]


def test_a_configuration_that_is_no_list_is_not_replaced(publish, tmp_path):
    (tmp_path / "models.config").write_text("custom_model_config { }")
    with pytest.raises(ValueError, match="has a custom_model_config; models can only be added to a model_config_list"):
        publish()


def test_a_damaged_configuration_is_found_before_the_work_is_done(publish, tmp_path):
    (tmp_path / "models.config").write_text("model_config_list {")
    with pytest.raises(ValueError, match=r"models\.config is not a configuration of TensorFlow Serving"):
        publish()
    assert [path.name for path in tmp_path.iterdir()] == ["models.config"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "a/b"}, "A name consists of letters"),
        ({"name": ""}, "received ''"),
        ({"label": "-x"}, "A label consists of letters"),
        ({"keep": 0}, "keep must be an integer of at least 1"),
        ({"class_names": ["a", "b"]}, "class_names must be 3 names"),
        ({"class_names": ["a", "b", "c\nd"]}, "class_names must be 3 names"),
    ],
    ids=str,
)
def test_mistakes(publish, tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        publish(**arguments)
    assert not list(tmp_path.rglob("saved_model.pb"))


def messages():
    """Those of session_bundle_config.proto and monitoring_config.proto, which the package of messages leaves out."""
    field = descriptor_pb2.FieldDescriptorProto
    whole = {"type": field.TYPE_MESSAGE, "type_name": ".google.protobuf.Int64Value"}
    fields = {
        "BatchingParameters": [
            {"name": "max_batch_size", "number": 1, **whole},
            {"name": "batch_timeout_micros", "number": 2, **whole},
            {"name": "max_enqueued_batches", "number": 3, **whole},
            {"name": "num_batch_threads", "number": 4, **whole},
        ],
        "PrometheusConfig": [
            {"name": "enable", "number": 1, "type": field.TYPE_BOOL},
            {"name": "path", "number": 2, "type": field.TYPE_STRING},
        ],
        "MonitoringConfig": [
            {"name": "prometheus_config", "number": 1, "type": field.TYPE_MESSAGE, "type_name": ".s.PrometheusConfig"}
        ],
    }
    file = descriptor_pb2.FileDescriptorProto(name="s.proto", package="s", syntax="proto3")
    file.dependency.append(wrappers_pb2.DESCRIPTOR.name)
    for name, all_fields in fields.items():
        file.message_type.add(name=name).field.extend(field(label=field.LABEL_OPTIONAL, **each) for each in all_fields)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"s.{name}")) for name in fields}


def test_what_the_server_reads_is_of_its_formats(publish, tmp_path):
    publish()
    known = messages()
    batching = text_format.Parse((tmp_path / "batching.config").read_text(), known["BatchingParameters"]())
    assert batching.max_batch_size.value >= 32
    monitoring = text_format.Parse((tmp_path / "monitoring.config").read_text(), known["MonitoringConfig"]())
    assert monitoring.prometheus_config.enable
    yaml = pytest.importorskip("yaml")
    [service] = yaml.safe_load((tmp_path / "docker-compose.yaml").read_text())["services"].values()
    deployment, kubernetes_service = yaml.safe_load_all((tmp_path / "kubernetes.yaml").read_text())
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["args"] == service["command"]
    for argument in service["command"]:
        name, value = argument.removeprefix("--").split("=")
        if name.endswith("file"):
            assert (tmp_path / value.removeprefix("/models/")).is_file()
    assert {port["port"] for port in kubernetes_service["spec"]["ports"]} == {8500, 8501}


def test_clients_are_programs_and_have_a_request_of_each_model(publish, tmp_path):
    publish()
    request = json.loads((tmp_path / "clients" / "digits.json").read_text())
    assert request == {"signature_name": "generate_png", "instances": [{"seeds": 0, "labels": 0}]}
    subprocess.run(["sh", "-n", tmp_path / "clients" / "client.sh"], check=True)
    compile((tmp_path / "clients" / "client.py").read_text(), "client.py", "exec")
