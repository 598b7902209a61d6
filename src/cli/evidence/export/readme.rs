//! The page that comes with an export.

use std::fmt::Write as _;

use crate::evidence::log::{SignedCheckpoint, VerifierKey};

/// What an export holds, for its page.
#[derive(Debug)]
pub struct About<'a> {
    /// What was asked for, in words.
    pub scope: String,
    /// The period, in words.
    pub period: String,
    /// Records.
    pub records: usize,
    /// Bundles.
    pub bundles: usize,
    /// The checkpoint.
    pub checkpoint: &'a SignedCheckpoint,
    /// The key that signed it.
    pub key: &'a VerifierKey,
    /// Whether every bundle has a kernel guard.
    pub guarded: bool,
}

/// How to check it: with tecrax, with Python, by hand, with the upstream verifier.
const CHECK: &str = r#"
## Check it

With tecrax, offline:

    tecrax evidence verify .

With Python 3.9 or later and nothing else (read the script first: it is short):

    python3 check.py

Both use the key in `checkpoint.vkey` unless another is given (`--key`). Whoever wrote this export could have made both, so
compare key and checkpoint with ones that you got elsewhere: from the operator, from the summary lines in old mails of cron, from a
file that `--checkpoint-file` kept on another machine.

By hand:

1. `sha256sum -c SHA256SUMS` compares every file with the list.
2. A record is a leaf of a Merkle tree (RFC 6962). Its leaf hash is the SHA-256 of a zero byte and `header.json`:

       ( printf '\0'; cat records/NAMESPACE/CHECK.TARGET/SEQ/header.json ) | sha256sum

3. `header.json` binds `body.json` (`body` is its SHA-256) and the record before (`prev` is its leaf hash).
4. `body.json` binds every artifact: `parts` has the SHA-256 of its canonical JSON (keys sorted, no spaces, UTF-8 as it is). The
   files in `bundles/` and `reactions/` are indented, so write them canonically first:

       python3 -c 'import json, sys; sys.stdout.write(json.dumps(json.load(sys.stdin), sort_keys=True, separators=(",", ":"), ensure_ascii=False))' < FILE | sha256sum

5. `proof.tlog-proof` (C2SP tlog-proof) leads from the leaf hash to the root hash in `checkpoint`, a note (C2SP tlog-checkpoint)
   that the key in `checkpoint.vkey` has signed (Ed25519).

Each bundle alone, with the verifier of the Python stack:

    pip install sclite-core
    sclite review bundles/NAMESPACE/CHECK.TARGET/SEQ

and each chain from an observation to what was done about it:

    python3 -c 'import json, pathlib, sclite, sys; at = pathlib.Path(sys.argv[1]); print(sclite.verify_reaction_chain_manifest(json.loads((at / "reaction_chain_manifest.json").read_text()), root=at)["status"])' reactions/NAMESPACE/CHECK.TARGET/SEQ

## What is where

| path | what |
|---|---|
| `checkpoint`, `checkpoint.vkey` | size and root of the whole log, signed; the key |
| `records/…/header.json` | what the log holds of a record: exactly the bytes that are hashed |
| `records/…/body.json` | what the record says: exactly the bytes that are hashed |
| `records/…/proof.tlog-proof` | that the record is in the log |
| `records/…/detail.json` | words for people and facts as they were read, when asked for |
| `records/…/*.json` | other parts of a record that is no run, such as the decision of a denial |
| `bundles/…` | the run as a bundle of SCLite: intent, decision, contract, ticket, receipt, evidence, manifest, review |
| `reactions/…` | what asked for another look or for a person: observation, finding, plan, manifest; the proposal that a person gets |
| `SHA256SUMS` | every file but itself |

## What it does not prove

That a record says the truth about the machine: it proves what tecrax recorded, when it says it did, and that nothing was changed,
dropped or reordered since the checkpoint was made. Sequences are without gaps inside the period; what lies outside is not here.
"#;

/// The page.
pub fn page(about: &About<'_>) -> String {
    let log = about.checkpoint.checkpoint();
    let mut out = String::from("# Evidence of tecrax\n\n");
    for (name, value) in [
        ("Log", format!("`{}`", log.origin)),
        ("Scope", about.scope.clone()),
        ("Period", about.period.clone()),
        ("Records", about.records.to_string()),
        ("Bundles", format!("{}{}", about.bundles, if about.guarded { ", with kernel guards" } else { "" })),
        ("Checkpoint", format!("{} records, root `{}`", log.size, log.root)),
        ("Key", format!("`{}`", about.key)),
    ] {
        let _ = writeln!(out, "* {name}: {value}");
    }
    out.push_str(CHECK);
    out
}
