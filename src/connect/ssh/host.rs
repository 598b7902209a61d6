//! The name or address of a host that its manifest does not hold.

use std::borrow::Cow;
use std::sync::Arc;

use crate::api::ErrorClass;
use crate::connect::Failure;
use crate::connect::value;
use crate::desired::{SshConfig, is_host};
use crate::secrets::Resolver;

/// `config` with its host read from where `hostFrom` says.
pub(super) async fn resolved<'c>(config: &'c SshConfig, secrets: &Arc<Resolver>) -> Result<Cow<'c, SshConfig>, Failure> {
    let Some(source) = &config.host_from else { return Ok(Cow::Borrowed(config)) };
    let value = value::read(source, secrets).await?;
    let host = value.expose().trim();
    if !is_host(host) {
        let message = format!("{} is no host name and no address", source.name());
        return Err(Failure::new(ErrorClass::CredentialUnusable, message)
            .next_step("Give a host name, an IPv4 address or an IPv6 address, without a user and without a port."));
    }
    Ok(Cow::Owned(SshConfig { host: host.to_owned(), ..config.clone() }))
}
