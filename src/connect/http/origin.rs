//! Where the requests of a connection go.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Url;
use zeroize::Zeroizing;

use crate::api::ErrorClass;
use crate::connect::{Failure, value};
use crate::desired::{BaseUrl, HttpConfig, base_url_fault};
use crate::secrets::Resolver;

/// Scheme, host, port and path prefix of a connection.
pub(super) struct Origin {
    /// Without a slash at the end; may be a secret.
    base: Zeroizing<String>,
    /// What stands for scheme, host and prefix in messages: where they are secret, only where they come from.
    label: String,
    secret: bool,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Origin {
    /// Reads the base URL, and checks one that its manifest does not hold by the same rule. Returns its root as well.
    pub(super) async fn read(config: &HttpConfig, secrets: &Arc<Resolver>) -> Result<(Self, Url), Failure> {
        let (base, label, secret) = match &config.base_url {
            BaseUrl::Given(url) => (bare(url), url.trim_end_matches('/').to_owned(), false),
            BaseUrl::From(source) => {
                let value = value::read(source, secrets).await?;
                let name = source.name();
                let url = value.expose().trim();
                if let Some(why) = base_url_fault(url, config.https_only) {
                    return Err(unusable(format!("{name} is no address that can be asked: {why}")));
                }
                (bare(url), format!("the address in {name}, "), true)
            }
        };
        let origin = Self { base, label, secret };
        let root = origin.url("/")?;
        if (config.ca.is_some() || config.client_cert.is_some()) && !origin.is_tls() {
            return Err(unusable(format!("{}: `tls` is given for an address without TLS", origin.name("/"))));
        }
        Ok((origin, root))
    }

    /// Whether requests are encrypted.
    pub(super) fn is_tls(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// The address of an absolute `path`. Its host is the one that was written: other spellings of an address (`0x7f.1`) are
    /// refused, so that what was checked is what is connected to.
    pub(super) fn url(&self, path: &str) -> Result<Url, Failure> {
        let refused = || unusable(format!("{} can not be asked: its host is written in an unusual way", self.name(path)));
        let whole = Zeroizing::new([self.base.as_str(), path].concat());
        let url = Url::parse(&whole).map_err(|_| refused())?;
        let written = self.base.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        let host = url.host_str().unwrap_or_default();
        let written_host = match (written.rfind(':'), written.ends_with(']')) {
            (Some(colon), false) => written.get(..colon).unwrap_or_default(),
            _ => written,
        };
        let same = host.eq_ignore_ascii_case(written_host)
            || matches!((address(host), address(written_host)), (Some(one), Some(other)) if one == other);
        if same { Ok(url) } else { Err(refused()) }
    }

    /// Origin and path for people; holds no secret.
    pub(super) fn name(&self, path: &str) -> String {
        format!("{}{path}", self.label)
    }

    /// Whether the address itself came by reference.
    pub(super) const fn is_secret(&self) -> bool {
        self.secret
    }
}

fn bare(url: &str) -> Zeroizing<String> {
    Zeroizing::new(url.trim_end_matches('/').to_owned())
}

/// The address that a host of a URL is, if it is one.
pub(super) fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn unusable(message: String) -> Failure {
    Failure::new(ErrorClass::CredentialUnusable, message)
        .next_step("Give scheme, host, port and path, such as https://zabbix.example.net/zabbix, without credentials.")
}
