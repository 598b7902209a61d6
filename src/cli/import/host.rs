//! A host as an SSH configuration or an inventory describes it: what it becomes a Target of.

use crate::api::{
    Connection, Criticality, Duration, HostKeys, Identity, LabelName, Labels, Local, LocalRef, Place, Ssh, SubdomainName,
    TargetSpec, TargetType,
};

/// The label that says which import made a Target.
pub(super) const ORIGIN: &str = "imported-from";

/// Everything about a host that many may have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Settings {
    /// It is the machine that tecrax runs on.
    pub local: bool,
    pub user: Option<String>,
    /// A private key file.
    pub identity: Option<String>,
    /// A known_hosts file.
    pub known_hosts: Option<String>,
    /// Targets to hop through, in order.
    pub via: Vec<SubdomainName>,
    /// Seconds.
    pub connect_timeout: Option<u64>,
}

/// One host.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub name: SubdomainName,
    pub address: String,
    pub port: Option<u16>,
    pub settings: Settings,
    pub labels: Labels,
    /// It can not be reached as it is written.
    pub suspend: bool,
    /// Another host hops through it.
    pub hop: bool,
    pub place: Place,
}

impl Settings {
    /// The spec of a Target with these settings; without an address, the items of a TargetSet bring it.
    pub(super) fn spec(&self, host: Option<&Host>) -> Option<TargetSpec> {
        let mut os = Connection {
            name: LabelName::parse("os").ok()?,
            local: None,
            ssh: None,
            wrapper: None,
            http: None,
            dns: None,
            fixture: None,
            parameters: Vec::new(),
        };
        if self.local {
            os.local = Some(Local {});
        } else {
            os.ssh = Some(Box::new(self.ssh(host)));
        }
        Some(TargetSpec {
            r#type: TargetType::Host,
            criticality: Criticality::Low,
            depends_on: Vec::new(),
            suspend: host.is_some_and(|host| host.suspend),
            connections: vec![os],
        })
    }

    fn ssh(&self, host: Option<&Host>) -> Ssh {
        let file = |file: &String| Identity { agent: None, file: Some(file.clone()), secret_key_ref: None };
        let keys = |file: &String| HostKeys { file: Some(file.clone()), inline: Vec::new(), config_map_key_ref: None };
        Ssh {
            host: host.map(|host| host.address.clone()),
            host_from: None,
            port: host.and_then(|host| host.port),
            user: self.user.clone(),
            identity: self.identity.as_ref().map(file),
            host_keys: self.known_hosts.as_ref().map(keys),
            via_refs: self.via.iter().map(|name| LocalRef { name: name.clone() }).collect(),
            connect_timeout: self.connect_timeout.map(Duration::from_secs),
        }
    }
}
