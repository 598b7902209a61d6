//! Bundles checked straight from the log say the same as bundles that were written and read again.

use crate::support::cli::Home;
use crate::support::export::{Exported, runs};
use crate::support::hosts::{INVENTORY, host};
use tecrax::evidence::Header;
use tecrax::evidence::bundle::{Checked, Checker, FilesError};
use tecrax::evidence::sclite::{Bundle, verify_bundle};

/// Complete, partial and unhealthy runs, with their reruns, each twice.
fn real() -> Vec<Exported> {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("hosts.yaml", &[host("full", Some(95)), host("good", Some(50)), host("half", None)].concat());
    for _ in 0..2 {
        home.tecrax("reconcile --once --force --allow-fixtures manifests");
    }
    runs(&home.state(), "")
}

fn check(judge: &mut Checker, header: &Header, run: &Exported) -> Result<Checked, FilesError> {
    let parts: Vec<(&str, &[u8])> = run.parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    judge.check(header, &parts, &run.body_bytes)
}

#[test]
fn what_the_log_binds_says_what_its_files_say() {
    let runs = real();
    assert!(runs.len() >= 8, "{}", runs.len());
    let mut judge = Checker::default();
    for run in &runs {
        let checked = check(&mut judge, &run.header, run).unwrap();
        let mut bundle = Bundle::new("bundle");
        for (path, bytes) in run.files() {
            bundle.insert(path, bytes).unwrap();
        }
        let report = verify_bundle(&bundle, None);
        assert_eq!(checked.passes(), report.accepted().by_all(), "{:?}", run.header);
        assert_eq!(checked.findings, report.findings, "{:?}", run.header);
        assert!(checked.passes() && checked.findings.is_empty(), "{checked:?}");
    }
}

#[test]
fn a_ticket_is_of_one_log_one_pair_and_one_number() {
    let runs = real();
    let run = &runs[0];
    let other = runs.iter().find(|other| other.header.subject != run.header.subject).unwrap();
    let headers = [
        Header { seq: run.header.seq + 1, ..run.header.clone() },
        Header { subject: other.header.subject.clone(), ..run.header.clone() },
        Header { origin: "elsewhere".to_owned(), ..run.header.clone() },
    ];
    for header in headers {
        let checked = check(&mut Checker::default(), &header, run).unwrap();
        let told: Vec<String> = checked.findings.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("04_execution_ticket.json: its ticket_id is not that of this run"), "{told:?}");
        assert!(told[1].starts_with("05_execution_receipt.json: its receipt_id is not that of this run"), "{told:?}");
    }
}

#[test]
fn other_artifacts_are_another_chain() {
    let runs = real();
    let pair = runs.iter().filter(|run| run.header.subject == runs[0].header.subject).collect::<Vec<_>>();
    for name in ["execution_ticket", "execution_receipt", "evidence_contract"] {
        let mut mixed = pair[0].clone();
        mixed.parts.insert(name.to_owned(), pair[1].parts[name].clone());
        let refused = check(&mut Checker::default(), &mixed.header, &mixed).unwrap_err();
        assert!(matches!(refused, FilesError::Root { .. }), "{name}: {refused}");
    }
    let mut fewer = pair[0].clone();
    fewer.parts.remove("execution_receipt");
    let refused = check(&mut Checker::default(), &fewer.header, &fewer).unwrap_err();
    assert!(matches!(refused, FilesError::Missing("execution_receipt")), "{refused}");
}
