"""compose.yaml and kubernetes.yaml keep what they promise: nobody is root, all have limits and probes."""

import os
import re
import subprocess

import pytest

from tests.deploy import image
from tests.deploy.conftest import haproxy_path
from tests.deploy.settings import DEPLOY, compose, manifests, open_settings, proxy_settings

SERVICES = compose()["services"]
WORKLOADS = {one["metadata"]["name"]: one for one in manifests() if one["kind"] == "Deployment"}
PODS = {name: one["spec"]["template"]["spec"] for name, one in WORKLOADS.items()}
UNITS = {"m": 2**20, "Mi": 2**20, "g": 2**30, "Gi": 2**30}
RESTING = 500e6  # bytes that a process has with all that it imports (DESIGN.md: 450 MB)


def size(written: str) -> float:
    """Bytes, as compose and Kubernetes write them."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", written).groups()
    return int(number) * UNITS[unit]


def the(kind: str) -> dict:
    """The one manifest of a kind."""
    (found,) = [one for one in manifests() if one["kind"] == kind]
    return found


def settings_of(name: str) -> dict[str, str]:
    """What a pod is told beside open.env."""
    return {one["name"]: one["value"] for one in PODS[name]["containers"][0]["env"]}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_service_is_nobody_with_limits(service: dict):
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert "privileged" not in service


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_every_pod_is_nobody_with_limits_and_probes(pod: dict):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == image.PERSON
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        promised = {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["securityContext"] == promised
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
        assert [one["mountPath"] for one in container["volumeMounts"]] == ["/data", "/tmp"]


def test_every_service_says_whether_it_is_well():
    assert {"proxy", "dispatcher"} <= {name for name, one in SERVICES.items() if "healthcheck" in one}
    assert "/_stcore/health" in image.steps("HEALTHCHECK")[0], "the app's own stands in the image"


def test_there_is_one_dispatcher_and_no_copy_starts_another():
    told = {"GLASSBOX_DISPATCHER": "elsewhere", "FORWARDED_ALLOW_IPS": "*"}
    assert SERVICES["app"]["environment"] == settings_of("glassbox") == told
    assert SERVICES["dispatcher"]["environment"] == settings_of("glassbox-dispatcher")
    assert "replicas" not in SERVICES["dispatcher"]["deploy"]
    (container,) = PODS["glassbox-dispatcher"]["containers"]
    assert container["command"] == SERVICES["dispatcher"]["command"] == ["python", "-m", "runs.dispatcher"]
    assert WORKLOADS["glassbox-dispatcher"]["spec"]["replicas"] == 1
    assert WORKLOADS["glassbox-dispatcher"]["spec"]["strategy"] == {"type": "Recreate"}
    check = SERVICES["dispatcher"]["healthcheck"]["test"][1]
    probes = [container[f"{kind}Probe"]["exec"]["command"] for kind in ("startup", "readiness", "liveness")]
    assert probes == [["sh", "-c", check]] * 3


def test_all_who_share_the_store_are_on_one_machine():
    assert SERVICES["app"]["volumes"] == SERVICES["dispatcher"]["volumes"] == ["store:/data"]
    assert the("PersistentVolumeClaim")["spec"]["accessModes"] == ["ReadWriteOnce"]
    for name, pod in PODS.items():
        assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == "glassbox-store"
        (term,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["topologyKey"] == "kubernetes.io/hostname"
        labels = WORKLOADS[name]["spec"]["template"]["metadata"]["labels"]
        assert term["labelSelector"]["matchLabels"].items() <= labels.items()


def test_people_are_kept_by_a_cookie_never_by_their_address():
    assert "sessionAffinity" not in the("Service")["spec"]
    assert the("Ingress")["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    sticky = "traefik.ingress.kubernetes.io/service.sticky.cookie"
    assert the("Service")["metadata"]["annotations"][sticky] == "true"
    assert int(SERVICES["app"]["deploy"]["replicas"]) == WORKLOADS["glassbox"]["spec"]["replicas"] == 2


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    assert [name for name, one in SERVICES.items() if "outside" in one["networks"]] == ["proxy"]
    assert compose()["networks"]["inside"] == {"internal": True}
    policy = the("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policy, "nothing goes out"


@pytest.mark.parametrize("kind", ["compose", "kubernetes"])
def test_what_people_may_use_fits_into_the_limits(kind: str):
    told = open_settings()
    if kind == "compose":
        app, dispatcher = (
            size(SERVICES[name]["deploy"]["resources"]["limits"]["memory"]) for name in ("app", "dispatcher")
        )
    else:
        app, dispatcher = (
            size(PODS[name]["containers"][0]["resources"]["limits"]["memory"])
            for name in ("glassbox", "glassbox-dispatcher")
        )
    uploads = float(told["GLASSBOX_UPLOAD_BYTES"])
    assert RESTING + 1.25 * float(told["GLASSBOX_MODEL_BYTES"]) + uploads < app
    assert RESTING + int(told["GLASSBOX_SLOTS"]) * float(told["GLASSBOX_TRAINING_BYTES"]) < dispatcher


def test_the_store_has_room_for_what_may_be_kept():
    told = open_settings()
    kept = float(told["GLASSBOX_DISK_BYTES"]) + float(told["GLASSBOX_BROUGHT_BYTES"])
    assert kept < 0.75 * size(the("PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"])


def test_an_upload_that_is_allowed_passes_the_ingress():
    body = the("Ingress")["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    told = open_settings()
    largest = int(told["STREAMLIT_SERVER_MAX_UPLOAD_SIZE"])
    assert int(body.removesuffix("m")) > largest
    assert largest * 2**20 < float(told["GLASSBOX_UPLOAD_SESSION_BYTES"])


def test_the_proxy_reads_its_file_with_what_compose_tells_it():
    told = {name: value for name, value in os.environ.items() if not name.startswith("PROXY_")}
    command = [haproxy_path(), "-c", "-f", str(DEPLOY / "haproxy.cfg")]
    checked = subprocess.run(
        command, env=told | proxy_settings(), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr
    used = re.findall(r"\$\{(\w+)", (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8"))
    assert set(used) == set(proxy_settings())
