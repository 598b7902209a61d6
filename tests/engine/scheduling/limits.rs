//! What is done at the same time, and what is not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use tecrax::engine::{Engine, Event, Limits, Report, reconcile};
use tecrax::plan::Mode;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};

/// How many are asking, at most so far, and how many may have an answer.
#[derive(Default)]
struct Gate {
    inside: usize,
    most: usize,
    leave: usize,
}

/// A Zabbix that answers nobody until it is told to.
struct Holding {
    port: u16,
    gate: Arc<(Mutex<Gate>, Condvar)>,
    arrived: mpsc::UnboundedReceiver<()>,
}

impl Holding {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = Arc::<(Mutex<Gate>, Condvar)>::default();
        let (sender, arrived) = mpsc::unbounded_channel();
        let own = Arc::clone(&gate);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (gate, sender) = (Arc::clone(&own), sender.clone());
                thread::spawn(move || hold(&stream.unwrap(), &gate, &sender));
            }
        });
        Self { port, gate, arrived }
    }

    async fn arrivals(&mut self, number: usize) {
        for _ in 0..number {
            self.arrived.recv().await.unwrap();
        }
    }

    fn answer(&self, number: usize) {
        self.gate.0.lock().unwrap().leave += number;
        self.gate.1.notify_all();
    }

    fn most(&self) -> usize {
        self.gate.0.lock().unwrap().most
    }

    fn target(&self, name: &str) -> String {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{of: zabbix}}}}\nspec:\n  type: Host\n  connections:\n  \
             - {{name: zabbix, http: {{baseURL: \"http://127.0.0.1:{}\"}}}}\n",
            self.port
        )
    }
}

fn hold(stream: &TcpStream, gate: &(Mutex<Gate>, Condvar), arrived: &mpsc::UnboundedSender<()>) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::Read::read_exact(&mut reader, &mut vec![0; length]).unwrap();
    let mut inside = gate.0.lock().unwrap();
    inside.inside += 1;
    inside.most = inside.most.max(inside.inside);
    let _ = arrived.send(());
    let mut inside = gate.1.wait_while(inside, |gate| gate.leave == 0).unwrap();
    inside.leave -= 1;
    inside.inside -= 1;
    drop(inside);
    let body = r#"{"jsonrpc":"2.0","result":"7.0.0","id":1}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = (&*stream).write_all(format!("{head}{body}").as_bytes());
}

fn check(name: &str, timeout: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: check_zabbix_container_health\n  \
         targetSelector: {{matchLabels: {{of: zabbix}}}}\n  timeout: {timeout}\n"
    )
}

/// An engine with these limits, and what it ran, pair by pair.
fn limited(rig: &Rig, limits: Limits) -> (Arc<Engine>, mpsc::UnboundedReceiver<String>) {
    let (sender, ran) = mpsc::unbounded_channel();
    let engine = rig.listening(
        "limited",
        Arc::new(move |event| {
            if let Event::Ran { state, .. } = event {
                let _ = sender.send(state.pair.observation_name());
            }
        }),
    );
    engine.limit(limits);
    (engine, ran)
}

fn pass(engine: &Arc<Engine>, rig: &Rig) -> JoinHandle<Report> {
    let (engine, paths) = (Arc::clone(engine), rig.manifests());
    tokio::spawn(async move { reconcile(&engine, &paths, Mode::Once).await.unwrap() })
}

#[tokio::test]
async fn no_more_targets_are_read_at_the_same_time_than_the_limit_says() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("check.yaml", &check("version", "50s"));
    for number in 0..9 {
        rig.write(&format!("z{number}.yaml"), &server.target(&format!("z{number}")));
    }
    let (engine, _ran) = limited(&rig, Limits { targets: 3, per_connector: 9, per_target: 9 });
    let pass = pass(&engine, &rig);
    for _ in 0..3 {
        server.arrivals(3).await;
        server.answer(3);
    }
    assert_eq!(pass.await.unwrap().tally.ran, 9);
    assert_eq!(server.most(), 3);
}

#[tokio::test]
async fn a_connector_whose_servers_hang_does_not_hold_up_the_others() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("check.yaml", &format!("{INVENTORY}{}", check("version", "50s")));
    for number in 0..6 {
        // The slow ones come first in every order.
        rig.write(&format!("a{number}.yaml"), &server.target(&format!("a{number}")));
        rig.write(&format!("h{number}.yaml"), &host(&format!("h{number}"), Some(50)));
    }
    let (engine, mut ran) = limited(&rig, Limits { targets: 3, per_connector: 2, per_target: 9 });
    let pass = pass(&engine, &rig);
    for _ in 0..6 {
        let pair = ran.recv().await.unwrap();
        assert!(pair.starts_with("inventory."), "{pair} ran before anybody was answered");
    }
    for _ in 0..3 {
        server.arrivals(2).await;
        server.answer(2);
    }
    assert_eq!(pass.await.unwrap().tally.ran, 12);
    assert_eq!(server.most(), 2);
}

#[tokio::test]
async fn runs_of_one_target_wait_for_their_turn_and_their_time_does_not_begin_before() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    // Readings with different bounds are different readings; these are all tighter than the bound of the profile.
    let checks: String = (6..10).map(|number| check(&format!("version-{number}"), &format!("{number}s"))).collect();
    rig.write("all.yaml", &format!("{checks}{}", server.target("zbx")));
    let (engine, _ran) = limited(&rig, Limits { targets: 9, per_connector: 9, per_target: 1 });
    let pass = pass(&engine, &rig);
    for _ in 0..4 {
        server.arrivals(1).await;
        server.answer(1);
    }
    let report = pass.await.unwrap();
    assert_eq!((report.tally.ran, server.most()), (4, 1));
    assert!(report.views.iter().all(|view| view.assessment == tecrax::api::Assessment::Healthy), "{:?}", report.views);
}
