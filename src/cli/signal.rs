//! SIGTERM and SIGINT.

use tokio::signal::unix::{SignalKind, signal};

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
