//! Claims and a clock that is set back: whoever held one may be gone.

use jiff::SignedDuration;
use tecrax::api::PairId;
use tecrax::engine::reconcile;
use tecrax::plan::Mode;

use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;

/// One pair that has run, and that a process claims next which is killed then.
async fn claimed(rig: &Rig) {
    rig.write("fleet.yaml", &fleet(1));
    assert_eq!(rig.once().await.tally.ran, 1);
    let pair = PairId::parse("default/inventory.web-000").unwrap();
    let (at, span) = (rig.at, SignedDuration::from_mins(5));
    assert_eq!(rig.engine.store().claim("killed".to_owned(), move || at, vec![(pair, span)]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_claim_from_before_the_clock_was_set_back_holds_up_nobody() {
    for minutes in [3, 20, 60, 115, 180, 24 * 60] {
        let mut rig = Rig::new();
        claimed(&rig).await;
        rig.pass(-60 * minutes);
        let report = reconcile(&rig.other("second"), &rig.manifests(), Mode::Once).await.unwrap();
        assert_eq!((report.tally.ran, report.tally.busy), (1, 0), "{minutes} minutes back");
        log::verify(&rig.state());
    }
}

#[tokio::test]
async fn a_clock_that_is_a_moment_behind_takes_nothing_from_anybody() {
    let mut rig = Rig::new();
    claimed(&rig).await;
    rig.pass(-30);
    let report = reconcile(&rig.other("second"), &rig.manifests(), Mode::Force).await.unwrap();
    assert_eq!((report.tally.ran, report.tally.busy), (0, 1));
    // It runs out as ever.
    rig.pass(330);
    let report = reconcile(&rig.other("third"), &rig.manifests(), Mode::Force).await.unwrap();
    assert_eq!((report.tally.ran, report.tally.busy), (1, 0));
}
