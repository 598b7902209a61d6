//! 1,000 Zabbix version checks over plain HTTP, every 30 s, with evidence: the daemon beside prometheus-blackbox-exporter, which keeps
//! nothing. Both are asked the same in the same minutes, and measured from `/proc`.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]
#![allow(clippy::cast_precision_loss, reason = "figures are for reading")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use support::daemon::{Daemon, Window};
use support::nginx::Nginx;
use support::peers::Blackbox;
use support::starts::{lags, quantile, statuses};
use support::stats;

const TARGETS: usize = 1_000;
const SECONDS: u64 = 120;
const INTERVAL: Duration = Duration::from_secs(30);
/// Goals: processor time a check, and memory.
const CPU_MS: f64 = 0.6;
const MEMORY_MIB: f64 = 48.0;

fn main() {
    let seconds = std::env::var("TECRAX_BENCH_SECONDS").map_or(SECONDS, |text| text.parse().expect("seconds"));
    let nginx = Nginx::start();
    let home = support::empty_dir();
    let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
    let manifests = home.path().join("fleet.yaml");
    write(&nginx, &manifests);
    let blackbox = Blackbox::start();
    let mut daemon = Daemon::start(state.path(), &manifests);
    println!(
        "{TARGETS} Targets every {} s; first run after {:.2} s",
        INTERVAL.as_secs(),
        daemon.until("tecrax_runs_total", 1.0, 60)
    );
    daemon.until("tecrax_runs_total", TARGETS as f64, 120);
    let (counter, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| blackbox.keep_probing(&nginx, TARGETS, INTERVAL, &counter, &stop));
        std::thread::sleep(INTERVAL * 3 / 2);
        let before = statuses(state.path());
        let (from, runs_before, probes_before) =
            (Timestamp::now(), daemon.sum("tecrax_runs_total"), counter.load(Ordering::Relaxed));
        let windows = Window::of(&[daemon.pid(), blackbox.pid()], seconds);
        let (runs, probed) = (daemon.sum("tecrax_runs_total") - runs_before, counter.load(Ordering::Relaxed) - probes_before);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(before, statuses(state.path()), "steady state changed a status");
        let (ours, theirs) = (&windows[0], &windows[1]);
        println!("  {runs} runs and {probed} probes in {:.0} s", ours.seconds);
        stats::head("each value is one figure over the whole time", 1);
        stats::bounded("tecrax, CPU ms a check", &[ours.cpu * 1e3 / runs], CPU_MS);
        stats::bounded("tecrax, largest resident set MiB", &[ours.peak], MEMORY_MIB);
        stats::line("tecrax, resident set MiB over the time", &ours.rss);
        stats::line("tecrax, bytes to disk a check", &[ours.written / runs]);
        stats::line("blackbox_exporter, CPU ms a check", &[theirs.cpu * 1e3 / probed as f64]);
        stats::line("blackbox_exporter, resident set MiB over the time", &theirs.rss);
        stats::ratio("tecrax / blackbox_exporter, CPU a check", &[ours.cpu / runs], &[theirs.cpu / probed as f64], Some(1.0));
        stats::line("from SIGTERM to the end, s", &[daemon.stop()]);
        let lags = lags(state.path(), INTERVAL, from);
        stats::line("start lag, p99 ms", &[quantile(&lags, 0.99)]);
    });
}

fn write(nginx: &Nginx, file: &Path) {
    let mut text = String::from(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: version}\nspec: {intent: check_zabbix_container_health, interval: 30s, \
         timeout: 10s, targetSelector: {matchLabels: {bench: \"yes\"}}}\n",
    );
    for index in 0..TARGETS {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: zabbix-{index:04}, labels: {{bench: \"yes\"}}}}\nspec:\n  \
             type: Host\n  connections:\n  - {{name: zabbix, http: {{baseURL: \"{}\"}}}}\n",
            nginx.url(index)
        )
        .unwrap();
    }
    std::fs::write(file, text).unwrap();
}
