//! What is wanted, with nothing left to look up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::calendar::Calendar;
use super::policy::DesiredPolicy;
use super::sink::DesiredSink;
use crate::api::{
    Accept, Confirmations, Criticality, Digest, Duration, Expect, HttpAuthMode, LabelName, Labels, Namespace, PairId, Place,
    Problem, Retry, SecretId, SubdomainName, TargetType,
};
use crate::profile::Intent;
use crate::source::Revision;

/// The valid part of a snapshot.
#[derive(Debug)]
pub struct Desired {
    /// Every valid pair, sorted by id.
    pub pairs: Vec<Pair>,
    /// Targets by (namespace, name), TargetSets expanded; also those that no Check selects.
    pub targets: BTreeMap<(Namespace, SubdomainName), Arc<DesiredTarget>>,
    /// Checks by (namespace, name).
    pub checks: BTreeMap<(Namespace, LabelName), Arc<DesiredCheck>>,
    /// Policies, unusable ones included, in the order of the documents.
    pub policies: Vec<Arc<DesiredPolicy>>,
    /// Sinks by (namespace, name).
    pub sinks: BTreeMap<(Namespace, SubdomainName), Arc<DesiredSink>>,
    /// Every problem: those of the snapshot, then those found here.
    pub problems: Vec<Problem>,
    /// Digest of the snapshot's content.
    pub manifest_digest: Digest,
    /// Git revision of the snapshot.
    pub revision: Option<Revision>,
}

/// One valid (Check, Target).
#[derive(Debug, Clone)]
pub struct Pair {
    /// Its id.
    pub id: PairId,
    /// The desire.
    pub check: Arc<DesiredCheck>,
    /// What it is about.
    pub target: Arc<DesiredTarget>,
    /// Digest over the Check's and the Target's spec: a change is `SpecChanged`.
    pub spec_digest: Digest,
    /// Sentences about declared things without effect in this version.
    pub not_in_effect: Vec<String>,
}

/// A Target, or an expanded item of a TargetSet.
#[derive(Debug)]
pub struct DesiredTarget {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: SubdomainName,
    /// uid (`api::uid("Target", …)`).
    pub uid: String,
    /// Labels.
    pub labels: Labels,
    /// What it is.
    pub r#type: TargetType,
    /// How much it matters.
    pub criticality: Criticality,
    /// Targets that a connection goes through (`viaRefs`), each once.
    pub hops: Vec<SubdomainName>,
    /// Parents, `viaRefs` hops included.
    pub depends_on: Vec<SubdomainName>,
    /// Connections by role.
    pub connections: BTreeMap<LabelName, ResolvedConnection>,
    /// Whether it is suspended.
    pub suspend: bool,
    /// Digest of its spec and of what it resolved to.
    pub spec_digest: Digest,
    /// Where it is declared.
    pub place: Place,
    /// The TargetSet it came from.
    pub set: Option<SubdomainName>,
    /// Sentences about declared things without effect in this version.
    pub not_in_effect: Vec<String>,
}

/// One connection with everything resolved that needs no I/O.
#[derive(Debug, Clone)]
pub struct ResolvedConnection {
    /// Role.
    pub name: LabelName,
    /// How it is made.
    pub config: ConnectionConfig,
    /// Values of the parameters that the profile declares for this role, defaults filled in.
    pub parameters: BTreeMap<LabelName, String>,
    /// Digest of `config` and `parameters`: part of a reading's identity.
    pub digest: Digest,
}

/// How a connection is made.
#[derive(Debug, Clone)]
pub enum ConnectionConfig {
    /// This machine.
    Local,
    /// A host behind an SSH server.
    Ssh(Arc<SshConfig>),
    /// An operator-owned executable that answers for a network device.
    Wrapper(Arc<WrapperConfig>),
    /// An HTTP server.
    Http(Arc<HttpConfig>),
    /// A DNS server.
    Dns(Arc<DnsConfig>),
    /// Recorded readings.
    Fixture(Arc<FixtureConfig>),
    /// A kind or value source that this version does not build yet; the sentence says which.
    NotInEffect(String),
}

impl ConnectionConfig {
    /// The kind, as a manifest names it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ssh(_) => "ssh",
            Self::Wrapper(_) => "wrapper",
            Self::Http(_) => "http",
            Self::Dns(_) => "dns",
            Self::Fixture(_) => "fixture",
            Self::NotInEffect(_) => "not in effect",
        }
    }

    /// Whether readings go over the network; what a wrapper does is counted as that.
    pub const fn is_network(&self) -> bool {
        matches!(self, Self::Ssh(_) | Self::Wrapper(_) | Self::Http(_) | Self::Dns(_))
    }
}

/// A host behind an SSH server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshConfig {
    /// Name or address; empty when `host_from` is set.
    pub host: String,
    /// Where the name or address is to be read when a connection is made.
    pub host_from: Option<ValueSource>,
    /// TCP port.
    pub port: u16,
    /// Login name; the current user when `None`.
    pub user: Option<String>,
    /// What proves who we are.
    pub identity: IdentitySource,
    /// Where the known host keys are.
    pub host_keys: HostKeySource,
    /// Hops in order, each verified.
    pub via: Vec<Arc<SshConfig>>,
    /// Time for TCP, key exchange and authentication together.
    pub connect_timeout: Duration,
}

/// An operator-owned executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapperConfig {
    /// The executable, already joined to the manifest's directory.
    pub path: PathBuf,
}

/// An HTTP server: one origin, and what it may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// Scheme, host, port and path prefix; a value that is read when a connection is made is checked then.
    pub base_url: BaseUrl,
    /// Whether anything but `https` is refused.
    pub https_only: bool,
    /// The token, and where it goes.
    pub auth: Option<(HttpAuthMode, ValueSource)>,
    /// Extra headers, values by reference.
    pub headers: Vec<(String, ValueSource)>,
    /// CA certificates that replace the system's.
    pub ca: Option<ValueSource>,
    /// Client certificate and key, PEM.
    pub client_cert: Option<ValueSource>,
}

/// Where requests of a connection go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseUrl {
    /// As written, checked.
    Given(String),
    /// Read when a connection is made.
    From(ValueSource),
}

/// A DNS server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsConfig {
    /// Name or address.
    pub server: String,
    /// UDP and TCP port.
    pub port: u16,
}

/// What proves who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// The agent, then the usual key files.
    Usual,
    /// The agent only.
    Agent,
    /// One private key file, already joined to the manifest's directory.
    File(PathBuf),
    /// A private key from a secret.
    Secret(SecretId),
}

/// Where a value is read when it is needed. Digests and plans hold the reference, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueSource {
    /// A key of a secret.
    Secret(SecretId),
    /// A file, already joined to the manifest's directory.
    File(PathBuf),
}

impl ValueSource {
    /// What it is called in messages: never the value.
    pub fn name(&self) -> String {
        match self {
            Self::Secret(id) => id.to_string(),
            Self::File(path) => format!("the content of {}", path.display()),
        }
    }
}

/// Where the known host keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKeySource {
    /// `~/.ssh/known_hosts`, `~/.ssh/known_hosts2`, `/etc/ssh/ssh_known_hosts`, `/etc/ssh/ssh_known_hosts2`.
    Usual,
    /// One file, already joined to the manifest's directory.
    File(PathBuf),
    /// Lines of a known_hosts file.
    Inline(Vec<String>),
}

/// Recorded readings by shape name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureConfig {
    /// Shape name to (stdout, stderr, exit status).
    pub readings: BTreeMap<String, (String, String, i32)>,
}

/// A Check with every default filled in.
#[derive(Debug, Clone)]
pub struct DesiredCheck {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: LabelName,
    /// uid (`api::uid("Check", …)`).
    pub uid: String,
    /// Labels.
    pub labels: Labels,
    /// The question.
    pub intent: Arc<Intent>,
    /// Values of the parameters that the profile declares for Checks, defaults filled in.
    pub parameters: BTreeMap<LabelName, String>,
    /// How often.
    pub cadence: Cadence,
    /// Time for the whole run with retries.
    pub timeout: Duration,
    /// How long evidence counts as fresh; `None` with a schedule and no `freshFor`: until the second slot after the last start
    /// plus the time-out.
    pub fresh_for: Option<Duration>,
    /// When a reading is tried again.
    pub retry: Retry,
    /// Thresholds over facts; every path exists in the contract.
    pub expect: Vec<Expect>,
    /// Waivers, as declared.
    pub accept: Vec<Accept>,
    /// Whether it is suspended.
    pub suspend: bool,
    /// How many runs in a row confirm a failure or a recovery; each from 1 to 10.
    pub confirmations: Confirmations,
    /// Severity of what is raised, instead of the rule's.
    pub severity: Option<Criticality>,
    /// Digest of the value of [`RUN_REQUESTED`], if there is one: a new value asks for one run of every pair.
    pub run_requested: Option<Digest>,
    /// Where the runbook is.
    pub runbook_url: Option<String>,
    /// Digest of its spec.
    pub spec_digest: Digest,
    /// Where it is declared.
    pub place: Place,
    /// Sentences about declared things without effect in this version.
    pub not_in_effect: Vec<String>,
}

impl DesiredCheck {
    /// Where to read what to do: the Check's runbook, else the topic of the intent's.
    pub fn runbook(&self) -> &str {
        self.runbook_url.as_deref().unwrap_or(&self.intent.runbook)
    }
}

/// How often a Check runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cadence {
    /// Every so often.
    Interval(Duration),
    /// By cron.
    Schedule(Calendar),
}
