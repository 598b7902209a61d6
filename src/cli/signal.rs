//! SIGTERM, SIGINT and SIGHUP.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Resolves at the first SIGTERM or SIGINT after the call: not after the first poll, so that nothing is missed in between.
pub fn terminated() -> impl Future<Output = ()> {
    terminated_times(1)
}

/// Like [`terminated`], at the `times`-th signal.
pub fn terminated_times(times: u32) -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut term), Ok(mut int)) = signals else {
            return std::future::pending().await;
        };
        for _ in 0..times {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        }
    }
}

/// SIGHUP, from now on.
pub fn hangups() -> Hangups {
    Hangups(signal(SignalKind::hangup()).ok())
}

/// SIGHUP, one after the other.
#[derive(Debug)]
pub struct Hangups(Option<Signal>);

impl Hangups {
    /// Waits for the next one; never answers `false`, and never at all where signals can not be heard.
    pub async fn next(&mut self) -> bool {
        match &mut self.0 {
            Some(signal) => signal.recv().await.is_some(),
            None => std::future::pending().await,
        }
    }
}
