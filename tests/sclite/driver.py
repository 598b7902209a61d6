"""Asks an installed sclite-core what it makes of bundle directories, through its public API.

    driver.py DIRECTORY...      one line of JSON: the version, and for each directory what each profile says

`review` is the verdict of the review. `lifecycle` is `pass`, `review` or the refusal. `evidence_strict` and `guarded` are
`pass` or the refusal: the use of the ticket under both strict profiles, and the guarded profile over a guard made here with a
throw-away key.
"""
import json
import sys
from importlib.metadata import version
from pathlib import Path

import sclite

KEY = "a throw-away key of more than thirty-two bytes"
PARTS = ("04_execution_ticket.json", "03_execution_contract.json", "05_execution_receipt.json", "06_evidence_contract.json")
MANIFEST = "artifact_chain_manifest.json"
GUARD = "kernel_guard_manifest.json"


def answer(ask):
    """What `ask` answers, or the class and text of what it raises."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001: a refusal of any kind is the answer
        return f"{type(error).__name__}: {error}"


def word(status):
    """Some results say `passed`, some `pass`."""
    return "pass" if status == "passed" else status


def judge(directory):
    load = lambda name: json.loads((directory / name).read_text(encoding="utf-8"))
    record = sclite.review_bundle(directory)

    def lifecycle():
        result = sclite.verify_lifecycle_manifest(load(MANIFEST), root=directory)
        return word(result["lifecycle_status"])

    def evidence_strict():
        result = sclite.verify_ticket_use(*map(load, PARTS), strict_ticket_profile=True, strict_evidence_claims=True)
        return word(result["status"])

    def guarded():
        guard = sclite.build_kernel_guard_manifest(load(MANIFEST), key=KEY, key_id="test")
        path = directory / GUARD
        path.write_text(json.dumps(guard), encoding="utf-8")
        try:
            return word(sclite.verify_secure_bundle(directory, key=KEY)["status"])
        finally:
            path.unlink()

    return {
        "review": record["verdict"],
        "checks": {check["name"]: f"{check['status']}: {check['detail']}" for check in record["checks"]},
        "root": record["summary"]["root_chain_digest"],
        "record_is_theirs": load("verification_receipt.json")["verdict"] == record["verdict"],
        "lifecycle": answer(lifecycle),
        "evidence_strict": answer(evidence_strict),
        "guarded": answer(guarded),
    }


def main():
    bundles = {Path(path).name: judge(Path(path)) for path in sys.argv[1:]}
    print(json.dumps({"version": version("sclite-core"), "bundles": bundles}))


main()
