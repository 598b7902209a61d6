//! Several processes, one Sink: who waits for a turn may find that another has told it.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver as Inbox, channel};

use tecrax::engine::reconcile;
use tecrax::plan::Mode;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::receiver::Receiver;

/// Requests to Sinks that one process has under way at once.
const AT_ONCE: usize = 4;

/// A server that takes connections and says nothing; each is handed over after its first byte.
fn silent() -> (u16, Inbox<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (hand_over, inbox) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let read = stream.read(&mut [0]);
            if read.is_err() || hand_over.send(stream).is_err() {
                return;
            }
        }
    });
    (port, inbox)
}

fn sink(name: &str, url: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: {name}}}\nspec: {{webhook: {{url: \"{url}\"}}}}\n"
    )
}

#[tokio::test]
async fn a_sink_that_another_process_told_while_this_one_waited_for_a_turn_is_told_once() {
    let mut rig = Rig::new();
    let (port, inbox) = silent();
    let last = Receiver::start(&[]);
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    for name in ["a", "b", "c", "d"] {
        rig.write(&format!("{name}.yaml"), &sink(name, &format!("http://127.0.0.1:{port}/")));
    }
    rig.write("z.yaml", &sink("z", &last.url()));
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("z.yaml"), sink("z", &last.url())).unwrap();

    let (engine, paths) = (Arc::clone(&rig.engine), rig.manifests());
    let first = tokio::spawn(async move { reconcile(&engine, &paths, Mode::Once).await.map(|report| report.deaf.len()) });
    let held = tokio::task::spawn_blocking(move || {
        let streams: Vec<TcpStream> = (0..AT_ONCE).map(|_| inbox.recv().unwrap()).collect();
        (streams, inbox)
    });
    let (streams, _inbox) = held.await.unwrap();
    assert!(last.requests().is_empty(), "it waits for its turn");

    rig.pass(31);
    reconcile(&rig.other("second"), &[elsewhere], Mode::Once).await.unwrap();
    assert_eq!(last.requests().len(), 1);

    drop(streams);
    assert_eq!(first.await.unwrap().unwrap(), AT_ONCE, "the silent ones");
    assert_eq!(last.requests().len(), 1, "told twice");
    rig.once().await;
    assert_eq!(last.requests().len(), 1, "and what the other process wrote down still stands");
}
