//! Two processes that bring different specs of one Check at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use tecrax::engine::{load, pass};
use tecrax::plan::Mode;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use crate::support::manifests::snapshot;

#[tokio::test]
async fn each_spec_gets_a_generation_of_its_own() {
    let mut rig = Rig::new();
    let manifests = |timeout: u32| {
        let text = format!("{INVENTORY}  timeout: {timeout}s\n{}", host("web", Some(50)));
        snapshot(&text.replace("apiVersion: tecrax.io/v1alpha1\n", ""))
    };
    let other = rig.other("second");
    let inputs = Arc::new(load(&rig.engine, &manifests(10), "one").await.unwrap());
    pass(&rig.engine, &inputs, Mode::Once).await.unwrap();
    for round in 0..3 {
        rig.pass(600);
        // Both read what is known before either says what it brings.
        let one = Arc::new(load(&rig.engine, &manifests(20 + round), "one").await.unwrap());
        let two = Arc::new(load(&other, &manifests(40 + round), "two").await.unwrap());
        pass(&rig.engine, &one, Mode::Once).await.unwrap();
        pass(&other, &two, Mode::Force).await.unwrap();
    }
    let mut specs: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for run in log::runs(&rig.state(), "default/inventory.web") {
        let of = specs.entry(run["generation"].as_i64().unwrap()).or_default();
        of.push(run["spec_digest"].as_str().unwrap().to_owned());
        of.dedup();
    }
    assert_eq!(specs.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7], "{specs:#?}");
    assert!(specs.values().all(|specs| specs.len() == 1), "a generation stands for two specs: {specs:#?}");
    log::verify(&rig.state());
}
