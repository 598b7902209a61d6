//! A state directory that takes nothing, while nothing is due that would show it.

use std::sync::Arc;

use tecrax::engine::{Event, Listener, watch};
use tokio::sync::{Notify, mpsc};

use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;

/// Runs and what is said of the store.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Ran,
    Failed(String),
    Works,
}

#[tokio::test(start_paused = true)]
async fn an_idle_daemon_notices_that_nothing_is_taken_and_when_it_is_again() {
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(1));
    let (told, mut heard) = mpsc::unbounded_channel();
    let listener: Listener = Arc::new(move |event| {
        let _ = match event {
            Event::Ran { .. } => told.send(Heard::Ran),
            Event::StoreFailed(error) => told.send(Heard::Failed(error.clone())),
            Event::StoreWorks => told.send(Heard::Works),
            _ => return,
        };
    });
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let ends = Arc::clone(&end);
    let watching = tokio::spawn(async move { watch(&daemon, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    assert_eq!(heard.recv().await, Some(Heard::Ran));

    // The clock on the wall stands, so nothing is due from here on.
    let other = log::open(&rig.state());
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'nothing fits'); END").unwrap();
    for _ in 0..3 {
        let said = heard.recv().await;
        assert!(matches!(&said, Some(Heard::Failed(error)) if error.contains("nothing fits")), "{said:?}");
    }
    other.execute_batch("DROP TRIGGER full").unwrap();
    loop {
        match heard.recv().await {
            // One may have been under way.
            Some(Heard::Failed(_)) => {}
            said => break assert_eq!(said, Some(Heard::Works)),
        }
    }
    end.notify_one();
    watching.await.unwrap().unwrap();
    assert_eq!(heard.recv().await, None, "what works is told once");
    log::verify(&rig.state());
}
