#!/usr/bin/env python3
"""Renders every overlay with Kustomize, validates each object strictly against the Kubernetes
schemas, and holds them to the rules of this house (README.md). Exits with 1 if anything is wrong.

Needs `kubectl` (1.27 or newer) or `kustomize` on PATH; the validator is installed into a virtual
environment of its own under target/.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or DEPLOY.parent / "target")
VALIDATOR = "kubernetes-validate==1.37.0"
KUBERNETES = "1.34.0"
DRAIN_SECS = 20
SERVICES = {"vault", "ingress", "sync", "scoring", "gateway"}


def in_own_environment():
    """Runs this file again with the validator's interpreter, unless it is that already."""
    environment = TARGET / "deploy-check"
    python = environment / "bin" / "python"
    if Path(sys.prefix) == environment:
        return
    mark = environment / VALIDATOR
    if not mark.exists():
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, VALIDATOR], check=True)
        mark.touch()
    os.execv(python, [python, *sys.argv])


def renderer():
    """The command that renders a folder given after it."""
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    if kustomize := shutil.which("kustomize"):
        return [kustomize, "build"]
    sys.exit("deploy/check.py: neither kubectl nor kustomize is on PATH: install one of them")


def rendered(folder):
    import yaml

    result = subprocess.run([*renderer(), folder], capture_output=True, text=True)
    if result.returncode:
        raise ValueError(result.stderr.strip())
    return list(yaml.safe_load_all(result.stdout))


def schema_complaint(resource):
    import kubernetes_validate

    try:
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return str(error)
    return None


def is_ours(resource):
    return resource["metadata"].get("labels", {}).get("app.kubernetes.io/name") == "harken"


def pod_complaints(pod):
    """What keeps a pod from being as closed as every pod of this house is."""
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True:
        yield "may run as root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if pod.get("automountServiceAccountToken") is not False:
        yield "is given a token of the cluster"
    for container in pod["containers"]:
        security = container.get("securityContext", {})
        if security.get("readOnlyRootFilesystem") is not True:
            yield "can write its root file system"
        if security.get("allowPrivilegeEscalation") is not False:
            yield "can gain privileges"
        if security.get("capabilities", {}).get("drop") != ["ALL"]:
            yield "keeps capabilities"
        for kind in ("requests", "limits"):
            if set(container.get("resources", {}).get(kind, {})) < {"cpu", "memory"}:
                yield f"has no {kind} for CPU and memory"
        image = container.get("image", "")
        if ":" not in image.rsplit("/", 1)[-1] or image.endswith(":latest"):
            yield f"runs an image without a version: {image}"
        for variable in container.get("env", []):
            if "SECRET" in variable["name"] and not variable["name"].endswith(("_FILE", "_ID")):
                if "value" in variable:
                    yield f"carries a secret in the open: {variable['name']}"


def service_complaints(deployment):
    """What a Deployment of ours owes the platform beyond its pod's closedness."""
    pod = deployment["spec"]["template"]["spec"]
    name = deployment["metadata"]["name"]
    if pod.get("serviceAccountName") != name:
        yield "has no service account of its own"
    if pod.get("terminationGracePeriodSeconds", 30) <= DRAIN_SECS:
        yield "is killed before it has drained"
    container = pod["containers"][0]
    if container.get("args") != [name.removeprefix("harken-")]:
        yield f"starts something else: {container.get('args')}"
    ports = {port.get("name") for port in container.get("ports", [])}
    probes = {"startupProbe": "/livez", "readinessProbe": "/readyz", "livenessProbe": "/livez"}
    for probe, path in probes.items():
        asked = container.get(probe, {}).get("httpGet", {})
        if asked.get("path") != path or asked.get("port") not in ports:
            yield f"its {probe} does not ask {path} of a port it has"


def reference_complaints(resources):
    """Names that lead nowhere inside the overlay."""
    of_kind = lambda kind: {r["metadata"]["name"] for r in resources if r["kind"] == kind}
    accounts, maps = of_kind("ServiceAccount"), of_kind("ConfigMap")
    doors = {
        (r["metadata"]["name"], port["name"])
        for r in resources
        if r["kind"] == "Service"
        for port in r["spec"]["ports"]
    }
    templates = [r["spec"]["template"] for r in resources if "template" in r.get("spec", {})]
    labels = [template["metadata"]["labels"] for template in templates]
    for resource in resources:
        who = f"{resource['kind']} {resource['metadata']['name']}"
        pod = resource.get("spec", {}).get("template", {}).get("spec", {})
        if pod.get("serviceAccountName", next(iter(accounts))) not in accounts:
            yield f"{who}: no such service account"
        for container in pod.get("containers", []):
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in maps:
                    yield f"{who}: no such config map"
        if resource["kind"] == "Service":
            wanted = resource["spec"]["selector"].items()
            if not any(wanted <= found.items() for found in labels):
                yield f"{who}: selects no pod"
        for rule in resource["spec"]["rules"] if resource["kind"] == "Ingress" else []:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                if (service["name"], service["port"]["name"]) not in doors:
                    yield f"{who}: {path['path']} leads to no port of a service"


def exposure_complaints(resources):
    """What strangers could reach, or could reach from where they are, beyond what they must."""
    walls = [r["spec"] for r in resources if r["kind"] == "NetworkPolicy"]
    component = "app.kubernetes.io/component"
    edge = [w for w in walls if w["podSelector"].get("matchLabels", {}).get(component) == "ingress"]
    reached = {
        peer.get("podSelector", {}).get("matchLabels", {}).get(component)
        for wall in edge
        for rule in wall.get("egress", [])
        for peer in rule.get("to", [])
    }
    if reached != {"vault"}:
        yield f"harken-ingress may call {sorted(map(str, reached))}, not the vault alone"
    for resource in resources:
        who = f"{resource['kind']} {resource['metadata']['name']}"
        if resource["kind"] == "Ingress":
            for rule in resource["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    service = path["backend"]["service"]
                    if service["port"].get("name") != "http":
                        yield f"{who}: opens something else than HTTP"
                    if service["name"] not in ("harken-ingress", "harken-gateway"):
                        yield f"{who}: opens {service['name']}"
        if resource["kind"] == "Service" and resource["spec"].get("type") in ("NodePort", "LoadBalancer"):
            yield f"{who}: is open on every node"


def complaints(resources):
    for resource in resources:
        who = f"{resource['kind']} {resource['metadata']['name']}"
        if complaint := schema_complaint(resource):
            yield f"{who}: {complaint}"
        template = resource.get("spec", {}).get("template")
        found = list(pod_complaints(template["spec"])) if template else []
        if resource["kind"] == "Deployment" and is_ours(resource):
            found += service_complaints(resource)
        yield from (f"{who}: {complaint}" for complaint in found)
    yield from reference_complaints(resources)
    yield from exposure_complaints(resources)
    deployed = {r["metadata"]["name"] for r in resources if r["kind"] == "Deployment"}
    for missing in sorted({f"harken-{service}" for service in SERVICES} - deployed):
        yield f"{missing} is missing"


def main():
    in_own_environment()
    wrong = 0
    for overlay in sorted((DEPLOY / "overlays").iterdir()):
        try:
            resources = rendered(overlay)
            found = list(complaints(resources))
        except ValueError as error:
            resources, found = [], [str(error)]
        wrong += len(found)
        for complaint in found:
            print(f"  {complaint}")
        verdict = "wrong" if found else "ok"
        print(f"deploy: overlay {overlay.name}, {len(resources)} objects: {verdict}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
