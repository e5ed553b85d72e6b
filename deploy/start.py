#!/usr/bin/env python3
"""Starts each service of the local overlay from a built binary, with the arguments and the
environment of its manifest, waits until it is ready, asks it to stop and expects that it drains.

usage: harken-stores -- deploy/start.py target/debug/harken

What this machine lends instead of a cluster is replaced, and nothing else: the folder of the
secrets, the addresses of the stores, the addresses to listen on.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import check

READY_WITHIN_SECS = 30
MOUNTED_AT = "/run/secrets/harken"


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def write_secrets(resource, folder):
    """Writes what the platform would mount for a pod."""
    known = {"database-url": os.environ["HARKEN_DATABASE_URL"]}
    for volume in resource["spec"]["template"]["spec"]["volumes"]:
        for source in volume["projected"]["sources"]:
            for item in source["secret"]["items"]:
                path = folder / item["path"]
                if not path.exists():
                    path.write_text(known.get(item["path"], secrets.token_hex(32)))


def environment_of(resource, maps, folder):
    container = resource["spec"]["template"]["spec"]["containers"][0]
    said = {}
    for source in container.get("envFrom", []):
        said |= maps[source["configMapRef"]["name"]]
    said |= {variable["name"]: variable["value"] for variable in container.get("env", [])}
    lent = {name: value.replace(MOUNTED_AT, str(folder)) for name, value in said.items()}
    lent["HARKEN_NATS_URL"] = os.environ["HARKEN_NATS_URL"]
    for name in lent:
        if name.endswith("_LISTEN"):
            lent[name] = f"127.0.0.1:{free_port()}"
    return container["args"], lent


def answers(address, path):
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=3) as answer:
            return answer.status == 200, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return False, refusal.read().decode()
    except OSError as silence:
        return False, str(silence)


def await_ready(process, address):
    """What keeps the service from being ready, or nothing."""
    until = time.monotonic() + READY_WITHIN_SECS
    while time.monotonic() < until:
        if process.poll() is not None:
            return f"ended with {process.returncode}"
        ready, said = answers(address, "/readyz")
        if ready:
            alive, said = answers(address, "/livez")
            return None if alive else f"is ready but not alive: {said}"
        time.sleep(0.1)
    return f"was not ready after {READY_WITHIN_SECS} s: {said}"


def complaint_about_job(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return None if done.returncode == 0 else f"ended with {done.returncode}: {done.stderr.strip()}"


def complaint_about_service(command, environment, grace_secs, log):
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        if complaint := await_ready(process, environment["HARKEN_OPS_LISTEN"]):
            return complaint
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=grace_secs)
        return None if code == 0 else f"ended with {code} after SIGTERM"
    except subprocess.TimeoutExpired:
        return f"was not gone {grace_secs} s after SIGTERM"
    finally:
        process.kill()
        process.wait()


def main():
    check.in_own_environment()
    binary = Path(sys.argv[1]).resolve()
    resources = check.rendered(check.DEPLOY / "overlays" / "local")
    maps = {r["metadata"]["name"]: r["data"] for r in resources if r["kind"] == "ConfigMap"}
    ours = [r for r in resources if check.is_ours(r) and "template" in r.get("spec", {})]
    ours.sort(key=lambda resource: resource["kind"] != "Job")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for resource in ours:
            name, pod = resource["metadata"]["name"], resource["spec"]["template"]["spec"]
            write_secrets(resource, Path(folder))
            arguments, environment = environment_of(resource, maps, folder)
            command = [binary, *arguments]
            if resource["kind"] == "Job":
                complaint = complaint_about_job(command, environment)
            else:
                with open(Path(folder) / f"{name}.log", "w+") as log:
                    grace_secs = pod["terminationGracePeriodSeconds"]
                    complaint = complaint_about_service(command, environment, grace_secs, log)
                    if complaint:
                        log.seek(0)
                        print(log.read())
            if complaint:
                wrong += 1
                print(f"  {name} {complaint}")
            print(f"deploy: start {name}: {'wrong' if complaint else 'ok'}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
