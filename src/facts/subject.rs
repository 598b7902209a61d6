//! The registry: one entry per normalizer of the profile's vocabulary.

use serde_json::{Map, Value};

use super::envelope::{Frame, NormalizeError, at, text_at};
use super::finding::Finding;
use super::reading::{Context, Readings};
use super::{adguard, device, diagnosis, docker, inventory, ntp, ntp_server, portainer, posture, zabbix};

/// Turns readings into facts of the newest version of its contract.
pub type Normalizer = fn(&Readings, &Context<'_>) -> Result<Value, NormalizeError>;

/// Everything the stage knows about one subject.
#[derive(Debug)]
pub struct Subject {
    /// Name of the normalizer, as a workflow's internal step calls it.
    pub normalizer: &'static str,
    /// Key under which validation rules find the facts.
    pub state_key: &'static str,
    /// Components of the contract, each with the steps that show it: one that was taken is enough. None for a subject that joins
    /// others: it names what it misses itself, also when nothing was read.
    pub components: &'static [(&'static str, &'static [&'static str])],
    /// Whether facts say themselves that who counted could see anything: where they do not, what they have none of may be there.
    pub(super) sees: fn(&Value) -> bool,
    /// Facts that may be absent or name what could not be seen, each with the component that was not observed then; one with several
    /// components has a row for each. What is not here is always there, and made of all that was read.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// Steps that show a component which another subject observes; none where it joins no others.
    pub(super) joined: fn(&str) -> &'static [&'static str],
    /// The envelope.
    pub(super) frame: &'static Frame,
    /// Turns readings into facts.
    pub(super) normalize: Normalizer,
    /// Names what the facts judge to be wrong.
    pub(super) judge: fn(&Value) -> Vec<Finding>,
    /// What is the effect of something that `judge` names, so that one cause is told once: steps whose
    /// [`ErrorClass::Unsupported`](crate::api::ErrorClass::Unsupported) it is, and components that nobody can see because of it.
    pub(super) effects: fn(&Value) -> &'static [&'static str],
    /// Whether facts show what a finding of `judge` with that reason code is about, where its component is none of the scope or says
    /// less than the facts do; `None` leaves it to the scope. Asked only about facts of the newest version.
    pub(super) shows: fn(&Value, &str) -> Option<bool>,
    /// Turns facts of the newest version into 1.0.
    pub(super) project: fn(&mut Map<String, Value>),
}

impl Subject {
    /// Contract id of its facts.
    pub const fn contract(&self) -> &'static str {
        self.frame.id
    }

    /// Whether it joins other subjects, and so has facts even when nothing was read.
    pub const fn joins_others(&self) -> bool {
        self.components.is_empty()
    }

    /// The subject of facts in the newest version of their contract, the only one whose absences mean what its functions say.
    pub(super) fn of(facts: &Value) -> Option<&'static Self> {
        let said = |key: &str| text_at(facts, &["contract", key]);
        SUBJECTS.iter().find(|subject| subject.contract() == said("id") && subject.version() == said("version"))
    }

    /// The steps that show a component; of a step, itself.
    pub(super) fn steps_of(&self, component: &str) -> Vec<&'static str> {
        if let Some((_, steps)) = self.components.iter().find(|(name, _)| *name == component) {
            return steps.to_vec();
        }
        let steps = self.components.iter().flat_map(|(_, steps)| steps.iter());
        steps.copied().find(|step| *step == component).into_iter().collect()
    }

    /// Whether the fact at a dotted path belongs to a component that was not observed.
    pub(super) fn hides(&self, facts: &Value, key: &str) -> bool {
        let missing = at(facts, &["scope", "not_observed"]).as_array().map(Vec::as_slice).unwrap_or_default();
        self.components_of(key).any(|component| missing.iter().any(|one| one == component))
    }

    /// The steps that the value of the fact at a dotted path rests on; `None` where it is made of all that was read.
    pub(super) fn rests_on(&self, key: &str) -> Option<Vec<&'static str>> {
        let mut components = self.components_of(key).peekable();
        components.peek()?;
        let steps = |component: &str| self.steps_of(component).into_iter().chain((self.joined)(component).iter().copied());
        Some(components.flat_map(steps).collect())
    }

    /// The components that the fact at a dotted path belongs to, as far as [`Self::keys`] say it.
    fn components_of(&self, key: &str) -> impl Iterator<Item = &'static str> {
        let covers = |path: &str| key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.keys.iter().filter(move |(path, _)| covers(path)).map(|(_, component)| *component)
    }

    /// Contract version its normalizer writes.
    pub const fn version(&self) -> &'static str {
        self.frame.version
    }
}

/// Of a subject whose readings see what is there, or fail.
pub(super) const fn always(_: &Value) -> bool {
    true
}

/// Of a subject in which nothing depends on what something else shows.
pub(super) const fn no_effects(_: &Value) -> &'static [&'static str] {
    &[]
}

/// Of a subject that observes all of its components itself.
pub(super) const fn joins_none(_: &str) -> &'static [&'static str] {
    &[]
}

/// Of a subject whose findings are about the components of its scope.
pub(super) const fn by_scope(_: &Value, _: &str) -> Option<bool> {
    None
}

const SUBJECTS: &[Subject] = &[
    inventory::SUBJECT,
    ntp::SUBJECT,
    posture::SUBJECT,
    docker::SUBJECT,
    ntp_server::SUBJECT,
    zabbix::API,
    zabbix::PROBLEMS,
    zabbix::AVAILABILITY,
    portainer::SUBJECT,
    adguard::SUBJECT,
    device::SUBJECT,
    device::POSTURE,
    diagnosis::SUBJECT,
];

/// Every subject of this version.
pub fn subjects() -> &'static [Subject] {
    SUBJECTS
}

/// The subject of a normalizer name.
pub fn subject(normalizer: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.normalizer == normalizer)
}

/// The normalizer of that name; `None` when this version does not build it.
pub fn normalizer(name: &str) -> Option<Normalizer> {
    subject(name).map(|subject| subject.normalize)
}

/// `facts` as version `version` of their contract: keys that later versions added are dropped, and what 1.0 can not leave open
/// takes the value that 1.0 has for it. `None` when the contract has no such version.
pub fn project(facts: &Value, version: &str) -> Option<Value> {
    projected(facts.clone(), version)
}

/// The same for facts that nobody else needs.
pub(super) fn projected(mut facts: Value, version: &str) -> Option<Value> {
    let contract = facts.get("contract")?;
    if contract.get("version")?.as_str()? == version {
        return Some(facts);
    }
    let id = contract.get("id")?.as_str()?;
    let subject = SUBJECTS.iter().find(|subject| subject.contract() == id)?;
    if version != "1.0" {
        return None;
    }
    (subject.project)(facts.as_object_mut()?);
    Some(facts)
}
