//! What is wanted: hosts and Checks, as manifests.

use std::fmt::Write as _;

use serde_json::Value;

use super::model::Question;
use super::slots::Often;
use crate::support::monitoring::WELL;

/// A Check of the story.
pub struct Check {
    pub name: &'static str,
    pub question: Question,
    pub often: Often,
    pub failures: u32,
    pub recoveries: u32,
    pub wanted: bool,
}

/// The manifests of the hosts and of those Checks that are wanted; with `gateway` every host but the first depends on it.
pub fn manifests(hosts: &[String], gateway: bool, checks: &[Check]) -> String {
    let mut text = String::new();
    for (number, host) in hosts.iter().enumerate() {
        self::host(&mut text, host, gateway && number > 0);
    }
    for check in checks.iter().filter(|check| check.wanted) {
        self::check(&mut text, check);
    }
    text
}

fn host(text: &mut String, host: &str, behind: bool) {
    writeln!(text, "---\nkind: Target\nmetadata: {{name: {host}, labels: {{of: story}}}}\nspec:\n  type: Host").unwrap();
    if behind {
        writeln!(text, "  dependsOn: [{{name: h0}}]").unwrap();
    }
    writeln!(text, "  connections:\n  - name: os\n    fixture:\n      readings:").unwrap();
    for (shape, stdout) in WELL.iter().filter(|(shape, _)| shape.contains("ntp") || shape.contains("docker")) {
        writeln!(text, "      - {{shape: {shape}, stdout: {}}}", Value::from(*stdout)).unwrap();
    }
}

fn check(text: &mut String, check: &Check) {
    let Check { name, question, often, failures, recoveries, .. } = check;
    let intent = match question {
        Question::Clock => "check_ntp_health",
        Question::Docker => "check_docker_services_health",
    };
    let often = match often {
        Often::Every(seconds) => format!("interval: {seconds}s"),
        Often::Daily(..) => "schedule: {cron: \"30 2 * * *\", timeZone: Europe/Berlin}".to_owned(),
    };
    writeln!(
        text,
        "---\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: {intent}\n  targetSelector: {{matchLabels: {{of: \
         story}}}}\n  {often}\n  confirmations: {{failures: {failures}, recoveries: {recoveries}}}\n  retry: {{attempts: 0}}"
    )
    .unwrap();
}
