//! What a run that is not certain of everything proves all the same: a switch that never names its algorithms.

use tecrax::api::{Assessment, FindingStage, ReactionOutcome, reason};

use super::stages;
use crate::support::engine::Rig;
use crate::support::log;

const PAIR: &str = "posture.sw-01";
const VERSION_1: &str = "facts/ssh_protocols/legacy_ssh_v1_enabled";
const CRYPTO: &str = "facts/ssh_crypto/ssh_crypto_not_observed";
const CHECK: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: posture}
spec:
  intent: assess_network_device_management_posture_readonly
  targetRef: {name: sw-01}
";
const ACCEPT: &str =
    "  accept: [{finding: ssh_crypto_not_observed, reason: firmware, owner: anna, expires: \"2027-12-01T00:00:00Z\"}]\n";
/// What `display ssh server status` says while both versions are on, and while only the second is.
const BOTH: &str = "stdout: \"SSH server: Enable\\nSSH version: 1.99\\nSSH authentication timeout: 60\\nMax clients: 5\\n\"";
const SECOND: &str = "stdout: \"SSH server: Enable\\nSSH version: 2.0\\nSSH authentication timeout: 60\\nMax clients: 5\\n\"";
const NO_WORD: &str = "stdout: \"SSH server: Enable\\n\"";
const FAILED: &str = "stderr: \"no answer\\n\", exitCode: 1";

fn switch(ssh: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {{name: sw-01}}
spec:
  type: NetworkDevice
  connections:
  - name: cli
    fixture:
      readings:
      - {{shape: read_network_device_system_info, stdout: \"HPE V1910-24G Switch JE007A\\nComware Software, Version 5.20, Release 1519\\n\"}}
      - {{shape: read_network_device_ssh_status, {ssh}}}
"
    )
}

async fn raised(more: &str) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", &format!("{CHECK}{more}"));
    rig.write("sw-01.yaml", &switch(BOTH));
    rig.once().await;
    assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Degraded);
    assert!(stages(&rig, PAIR).contains(&(VERSION_1.to_owned(), FindingStage::Raised)), "{:?}", stages(&rig, PAIR));
    rig
}

async fn then(rig: &mut Rig, ssh: &str) -> Vec<(String, FindingStage)> {
    rig.write("sw-01.yaml", &switch(ssh));
    rig.again().await;
    assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Unknown);
    stages(rig, PAIR)
}

#[tokio::test]
async fn what_was_mended_is_over_although_the_run_is_unknown() {
    for (accept, stage) in [("", FindingStage::Raised), (ACCEPT, FindingStage::Accepted)] {
        let mut rig = raised(accept).await;
        assert_eq!(then(&mut rig, SECOND).await, [(CRYPTO.to_owned(), stage)]);
        log::verify(&rig.state());
    }
}

#[tokio::test]
async fn what_nobody_saw_is_not_over() {
    let mut rig = raised(ACCEPT).await;
    for unseen in [NO_WORD, FAILED] {
        let left = then(&mut rig, unseen).await;
        assert!(left.contains(&(VERSION_1.to_owned(), FindingStage::Raised)), "{unseen}: {left:?}");
        let tracked = rig.pair(PAIR).tracked;
        assert!(tracked.iter().all(|tracked| tracked.gone == 0), "{unseen}: {tracked:#?}");
    }
    assert_eq!(then(&mut rig, SECOND).await, [(CRYPTO.to_owned(), FindingStage::Accepted)], "and then somebody saw it");
    log::verify(&rig.state());
}

/// What a person reads can be written down as it stands.
#[tokio::test]
async fn what_the_finding_says_to_do_is_what_helps() {
    let mut rig = raised("").await;
    then(&mut rig, SECOND).await;
    let finding = rig.pair(PAIR).tracked.remove(0).finding;
    assert!(finding.message.contains("has to `accept` that"), "the line of `status`: {}", finding.message);
    let step = finding.next_step.expect("the line of `describe`");
    let (_, accept) = step.split_once("into the Check: ").expect("what to write");
    let accept = accept.replace("YYYY", "2027").replace("WHO", "anna");
    rig.write("check.yaml", &format!("{CHECK}  {accept}\n"));
    assert_eq!(then(&mut rig, SECOND).await, [(CRYPTO.to_owned(), FindingStage::Accepted)]);
    let reaction = rig.pair(PAIR).status.unwrap().reaction;
    assert_eq!((reaction.outcome, reaction.reason.as_str()), (ReactionOutcome::NoOp, reason::ACCEPTED));
    log::verify(&rig.state());
}
