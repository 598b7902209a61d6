"""Asks an installed sclite-core what it makes of reaction chains, through its public API.

    reactions.py DIRECTORY...   one line of JSON: for each directory `passed` or the refusal, and the same of its proposal
"""
import json
import sys
from pathlib import Path

import sclite


def answer(ask):
    try:
        return ask()
    except Exception as error:  # noqa: BLE001: a refusal of any kind is the answer
        return f"{type(error).__name__}: {error}"


def judge(directory):
    load = lambda name: json.loads((directory / name).read_text(encoding="utf-8"))

    def chain():
        result = sclite.verify_reaction_chain_manifest(load("reaction_chain_manifest.json"), root=directory)
        return result["reaction_semantics"]

    def proposal():
        sclite.validate_escalation_proposal(load("escalation_proposal.json"))
        return "passed"

    there = (directory / "escalation_proposal.json").exists()
    return {"chain": answer(chain), "proposal": answer(proposal) if there else None}


print(json.dumps({path: judge(Path(path)) for path in sys.argv[1:]}))
