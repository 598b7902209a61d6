//! What is open: one Escalation for every host and cause that some pair claims, and no call that waits for ever.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use tecrax::reaction::escalation::{HOLD_MAX, SuppressionReason};

use super::model::Cause;
use super::story::Story;

impl Story {
    /// One open Escalation for every host and cause that some pair claims, and no other.
    pub async fn check_escalations(&mut self) {
        let mut wanted = BTreeSet::new();
        for (id, known) in &self.pairs {
            let host = self.check_of(id).1;
            wanted.extend(known.pair.raised().into_iter().map(|cause| (host.to_owned(), cause)));
        }
        for new in wanted.difference(&self.open) {
            *self.opened.entry(new.clone()).or_default() += 1;
        }
        self.open = wanted;
        let states = self.store.ask(tecrax::store::Db::open_escalations).await.unwrap();
        let (mut found, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for state in states.values() {
            let matter = state.matter.as_ref().unwrap();
            let Some(target) = &matter.target else {
                groups.insert(state.id.name.to_string());
                continue;
            };
            let cause = match (matter.key.kind.as_str(), matter.key.reason_code.as_str()) {
                ("reading", "Timeout") => Cause::ClockUnseen,
                ("facts", _) if matter.key.component.contains("docker") => Cause::DockerStopped,
                ("facts", _) => Cause::ClockOff,
                _ => Cause::Lost,
            };
            let new = found.insert((target.to_string(), cause));
            assert!(new, "{}: two open Escalations for {target} {cause:?}", self.at());
            let incidents = self.opened.get(&(target.to_string(), cause)).copied();
            assert_eq!(Some(matter.incident), incidents, "{}: incidents of {target} {cause:?}", self.at());
        }
        assert_eq!(found, self.open, "{}: open Escalations", self.at());
        for state in states.values() {
            let suppressed = state.matter.as_ref().and_then(|matter| matter.suppressed.as_ref());
            // A call that waits for others is never long in coming.
            if let Some(until) = suppressed.and_then(|why| why.until) {
                let left = until.duration_since(self.now);
                assert!(left.is_positive() && left <= HOLD_MAX, "{}: {} waits until {until}", self.at(), state.id);
            }
            let grouped = suppressed.filter(|why| why.reason == SuppressionReason::PartOfGroup);
            let Some(by) = grouped.map(|why| why.by.clone()).filter(|by| !groups.contains(by)) else { continue };
            // The group is over: its members wait for their next run before anybody is called, and no longer.
            let all = self.store.ask(tecrax::store::Db::escalations).await.unwrap();
            let group = all.values().find(|group| group.id.name.as_str() == by).and_then(|group| group.matter.as_ref());
            let over = group.and_then(|group| group.resolved_at).unwrap_or_else(|| panic!("{}: no group {by}", self.at()));
            let patience = SignedDuration::from_hours(25);
            assert!(self.now.duration_since(over) < patience, "{}: {} still waits for {by}", self.at(), state.id);
        }
    }
}
