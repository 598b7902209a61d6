//! `check_ntp_server_health`.

use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage, ErrorClass};
use tecrax::facts::{self, Facts, Reading};

use super::{fact, failed, found, observed};

const INTENT: &str = "check_ntp_server_health";
const GOOD: &str = "stratum=2, offset=-0.123, rootdelay=11.302, rootdisp=24.418, leap=00\n";

fn unit(id: &str, load: &str, active: &str) -> String {
    format!("Id={id}\nLoadState={load}\nActiveState={active}\nSubState=x\nUnitFileState=enabled\n")
}

fn server(units: &str, variables: Reading) -> Facts {
    observed(INTENT, &[("read_ntp_daemon_units", Reading::taken(units)), ("read_ntp_server_variables", variables)])
}

fn running() -> String {
    unit("ntpsec.service", "loaded", "active")
}

#[test]
fn facts_ntp_server_is_judged_by_daemon_stratum_and_leap() {
    for (variables, wanted, code) in [
        (GOOD, Assessment::Healthy, None),
        ("stratum=15, offset=0, rootdelay=0, rootdisp=0, leap=01", Assessment::Healthy, None),
        ("stratum=2, offset=0, rootdelay=0, rootdisp=0, leap=10", Assessment::Healthy, None),
        (
            "stratum=3, offset=0, rootdelay=0, rootdisp=0, leap=11",
            Assessment::Degraded,
            Some(("leap", "ntp_server_not_synchronized")),
        ),
        (
            "stratum=3, offset=0, rootdelay=0, rootdisp=0, leap=3",
            Assessment::Degraded,
            Some(("leap", "ntp_server_not_synchronized")),
        ),
        (
            "stratum=16, offset=0, rootdelay=0, rootdisp=0, leap=11",
            Assessment::Degraded,
            Some(("leap", "ntp_server_not_synchronized")),
        ),
        (
            "stratum=16, offset=0, rootdelay=0, rootdisp=0, leap=0",
            Assessment::Degraded,
            Some(("stratum", "ntp_server_bad_stratum")),
        ),
        (
            "stratum=0, offset=0, rootdelay=0, rootdisp=0, leap=0",
            Assessment::Degraded,
            Some(("stratum", "ntp_server_bad_stratum")),
        ),
    ] {
        let facts = server(&running(), Reading::taken(variables));
        assert_eq!((facts.assessment, facts.coverage), (wanted, Coverage::Complete), "{variables}");
        assert_eq!(found(&facts), code.into_iter().collect::<Vec<_>>(), "{variables}");
        assert!(facts.findings.iter().all(|one| one.next_step.is_some()), "{variables}");
        assert!(facts.verdict.passed, "the rule judges the observation");
    }
}

/// A daemon that reads its configuration anew runs on, and can be asked.
#[test]
fn facts_ntp_server_runs_while_it_is_reloaded() {
    for state in ["reloading", "refreshing"] {
        let units = [unit("chrony.service", "loaded", "inactive"), unit("ntpsec.service", "loaded", state)].join("\n");
        let facts = server(&units, Reading::taken(GOOD));
        assert_eq!((facts.assessment, facts.coverage, found(&facts)), (Assessment::Healthy, Coverage::Complete, vec![]));
        assert_eq!((fact(&facts, "/service"), fact(&facts, "/daemon_state")), (&json!("ntpsec"), &json!(state)));
        let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
        assert_eq!((&first["assessment"]["state"], &first["coverage"]["state"]), (&json!("healthy"), &json!("complete")));
        assert_eq!(first["daemon_state"], json!(state));
        // That nobody can ask it is no effect of it.
        let facts = server(&units, failed(ErrorClass::Unsupported, "`ntpq` ended with exit status 127: ntpq: not found"));
        assert_eq!((facts.assessment, found(&facts)), (Assessment::Unknown, vec![("read_ntp_server_variables", "Unsupported")]));
        let local =
            [("read_ntp_sync_state", Reading::taken("NTPSynchronized=yes\n")), ("read_ntp_daemon_units", Reading::taken(&units))];
        let facts = observed("check_ntp_health", &local);
        assert_eq!((facts.assessment, found(&facts)), (Assessment::Healthy, vec![]));
    }
}

#[test]
fn facts_ntp_server_names_the_daemon() {
    let units = [unit("chrony.service", "not-found", "inactive"), running()].join("\n");
    let facts = server(&units, Reading::taken(GOOD));
    assert_eq!((fact(&facts, "/service"), fact(&facts, "/daemon_state")), (&json!("ntpsec"), &json!("active")));
}

#[test]
fn facts_ntp_server_stopped_daemon_is_degraded_even_when_nothing_else_was_read() {
    let units = unit("ntpsec.service", "loaded", "failed");
    let facts = server(&units, failed(ErrorClass::Unsupported, "ntpq: read: Connection refused"));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Partial));
    // Nobody can ask a daemon that does not run: one cause, one finding. The numbers are still named as not observed.
    assert_eq!(found(&facts), [("daemon_state", "ntp_server_daemon_not_active")]);
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(["stratum", "leap", "offset", "root_delay", "root_dispersion"]),);
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!(first["assessment"]["state"], "unknown", "1.0 says nothing of an incomplete observation");
    assert_eq!(first.get("service"), None, "1.0 does not know it");
}

/// What a stopped daemon does not explain is told beside it.
#[test]
fn facts_ntp_server_stopped_daemon_explains_no_lost_reading() {
    let units = unit("ntpsec.service", "loaded", "failed");
    for class in [ErrorClass::Timeout, ErrorClass::Interrupted, ErrorClass::CommandFailed] {
        let facts = server(&units, failed(class, "no answer"));
        assert_eq!(
            found(&facts),
            [("read_ntp_server_variables", class.reason()), ("daemon_state", "ntp_server_daemon_not_active")]
        );
    }
}

#[test]
fn facts_ntp_server_without_any_daemon_is_one_finding_also_without_ntpq() {
    let units = [unit("chrony.service", "not-found", "inactive"), unit("ntp.service", "not-found", "inactive")].join("\n");
    let facts = server(&units, failed(ErrorClass::Unsupported, "`ntpq` ended with exit status 127: ntpq: not found"));
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(found(&facts), [("daemon_state", "ntp_server_daemon_not_found")]);
}

#[test]
fn facts_ntp_server_chrony_without_ntpq_is_unsupported_and_unknown() {
    let units = unit("chrony.service", "loaded", "active");
    let facts = server(&units, failed(ErrorClass::Unsupported, "`ntpq` ended with exit status 127: ntpq: not found"));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(found(&facts), [("read_ntp_server_variables", "Unsupported")]);
    assert_eq!(fact(&facts, "/system_variables/stratum"), &Value::Null);
    assert_eq!(fact(&facts, "/scope/observed"), &json!(["daemon_state"]));
}

#[test]
fn facts_ntp_server_that_does_not_answer_ntpq_is_one_finding() {
    let silent =
        Reading::Taken { stdout: String::new(), stderr: "localhost: timed out, nothing received\n***Request timed out\n".into() };
    let facts = server(&running(), silent);
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(found(&facts), [("read_ntp_server_variables", "read_ntp_server_variables_not_observed")]);
    let message = &facts.findings[0].message;
    assert!(message.starts_with("stratum, leap, offset, root_delay, root_dispersion were not observed"), "{message}");
    assert!(message.ends_with("localhost: timed out, nothing received"), "{message}");
}

#[test]
fn facts_ntp_server_without_any_daemon_is_unknown() {
    let units = [unit("chrony.service", "not-found", "inactive"), unit("ntp.service", "not-found", "inactive")].join("\n");
    let facts = server(&units, Reading::taken(GOOD));
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(found(&facts), [("daemon_state", "ntp_server_daemon_not_found")]);
}

#[test]
fn facts_ntp_server_lost_units_leave_what_it_says_of_itself() {
    let lost = failed(ErrorClass::Timeout, "no answer in time");
    for (variables, wanted) in [(GOOD, Assessment::Unknown), ("stratum=16, leap=11", Assessment::Degraded)] {
        let facts = observed(
            INTENT,
            &[("read_ntp_daemon_units", lost.clone()), ("read_ntp_server_variables", Reading::taken(variables))],
        );
        assert_eq!(facts.assessment, wanted, "{variables}");
        assert_eq!(fact(&facts, "/daemon_state"), &Value::Null);
    }
}

#[test]
fn facts_ntp_server_missing_measures_are_named_and_judge_nothing() {
    let facts = server(&running(), Reading::taken("stratum=2, leap=00"));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Healthy, Coverage::Partial));
    assert_eq!(fact(&facts, "/scope/not_observed"), &json!(["offset", "root_delay", "root_dispersion"]));
    let first = facts::project(facts.value.as_ref().unwrap(), "1.0").unwrap();
    assert_eq!(first["coverage"]["state"], "complete", "1.0 asks for the whole numbers only");
}
