//! Runs that somebody asks for: by `tecrax run`, or by an annotation of a Check.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Engine, Event, Inputs};
use crate::api::{LabelName, Namespace, PairId};
use crate::desired::Desired;
use crate::store::{StoreError, Wish};

/// How often the daemon looks for requests: nobody who waits for an answer notices less.
const EVERY: Duration = Duration::from_secs(1);

/// What the annotations of Checks ask for, in the order of the Checks. Suspended pairs do not run.
pub fn wishes(desired: &Desired) -> Vec<Wish> {
    let asking = desired.checks.iter().filter(|(_, check)| !check.suspend);
    let mut wishes: BTreeMap<(&Namespace, &LabelName), Wish> = asking
        .filter_map(|((namespace, check), asking)| {
            let wish =
                Wish { namespace: namespace.clone(), check: check.clone(), value: asking.run_requested?, pairs: Vec::new() };
            Some(((namespace, check), wish))
        })
        .collect();
    if wishes.is_empty() {
        return Vec::new();
    }
    for pair in desired.pairs.iter().filter(|pair| !pair.target.suspend) {
        if let Some(wish) = wishes.get_mut(&(&pair.id.namespace, &pair.id.check)) {
            wish.pairs.push(pair.id.clone());
        }
    }
    wishes.into_values().collect()
}

/// Turns annotations that are new into requests.
///
/// # Errors
/// The store's.
pub(super) async fn wish(engine: &Engine, inputs: &Inputs) -> Result<(), StoreError> {
    let wishes = wishes(&inputs.desired);
    if wishes.is_empty() {
        return Ok(());
    }
    // What nobody is known to want is forgotten by whoever comes by.
    inputs.publish(engine).await?;
    let granted = engine.store.grant_wishes(wishes, (engine.now)()).await?;
    if granted > 0 {
        tracing::info!(checks = granted, "annotations ask for runs");
        engine.asked.notify_one();
    }
    Ok(())
}

/// Pairs for which a run is asked.
///
/// # Errors
/// The store's.
async fn asked(engine: &Engine) -> Result<HashSet<PairId>, StoreError> {
    Ok(engine.store.requests().await?.into_keys().collect())
}

/// What the daemon knows of requests.
pub(super) struct Requests {
    engine: Arc<Engine>,
    open: HashSet<PairId>,
    news: mpsc::Receiver<HashSet<PairId>>,
    task: JoinHandle<()>,
}

impl Requests {
    pub(super) fn start(engine: &Arc<Engine>) -> Self {
        let (sender, news) = mpsc::channel(1);
        let own = Arc::clone(engine);
        let engine = Arc::clone(engine);
        let task = tokio::spawn(async move {
            loop {
                match asked(&engine).await {
                    Ok(asked) if asked.is_empty() => {}
                    // Who still works on the ones before takes these with the next.
                    Ok(asked) => drop(sender.send(asked).await),
                    // Whoever writes hears of it; this only looks.
                    Err(error) => tracing::debug!(%error, "requests for runs were not read"),
                }
                if sender.is_closed() {
                    return;
                }
                let _ = tokio::time::timeout(EVERY, engine.asked.notified()).await;
            }
        });
        Self { engine: own, open: HashSet::new(), news, task }
    }

    /// Waits for requests. May be dropped at any point.
    pub(super) async fn turn(&mut self) {
        loop {
            match self.news.recv().await {
                // What is known already waits for something else than being known.
                Some(asked) if asked == self.open => {}
                Some(asked) => {
                    let targets = asked.iter().map(|pair| (pair.namespace.clone(), pair.target.clone())).collect();
                    self.engine.places.hurry(&targets);
                    self.open = asked;
                    return;
                }
                None => std::future::pending().await,
            }
        }
    }

    /// The pairs that are asked for.
    pub(super) const fn open(&self) -> &HashSet<PairId> {
        &self.open
    }

    /// Forgets requests: they are answered, or somebody else answers them. Those that are still open come by again.
    pub(super) fn forget<'p>(&mut self, pairs: impl IntoIterator<Item = &'p PairId>) {
        for pair in pairs {
            self.open.remove(pair);
        }
    }
}

impl Requests {
    /// What policy refuses does not run, whoever asks.
    pub(super) fn give_up<'p>(&mut self, refused: impl Iterator<Item = &'p PairId>) {
        let asked: Vec<PairId> = refused.filter(|pair| self.open.contains(*pair)).cloned().collect();
        if asked.is_empty() {
            return;
        }
        self.forget(&asked);
        let engine = Arc::clone(&self.engine);
        tokio::spawn(async move {
            if let Err(error) = engine.store.forget_requests(asked).await {
                engine.tell(&Event::StoreFailed(error.to_string()));
            }
        });
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        self.task.abort();
    }
}
