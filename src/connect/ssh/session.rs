//! A chain of hops whose last one is the target.

use std::sync::Arc;
use std::time::Duration;

use super::exec::{self, Channels, Ending};
use super::hop::Hop;
use super::{host, label, remote_command};
use crate::api::ErrorClass;
use crate::connect::answer::{Answer, command_name, timed_out};
use crate::connect::session::Question;
use crate::connect::{Failure, OpenContext, Output};
use crate::desired::SshConfig;
use crate::profile::Shape;
use crate::secrets::Redactor;

/// Hops on the way to a target.
const MAX_HOPS: usize = 8;

/// An open, verified, logged-in connection to one host. Dropping it cuts every hop.
#[derive(Debug)]
pub(in crate::connect) struct Session {
    target: Hop,
    channels: Arc<Channels>,
    /// Jump hosts, nearest first; kept because the target's connection runs through them.
    hops: Vec<Hop>,
}

impl Session {
    /// Opens every hop in order, then the target. `via` of a hop itself is not followed: the target's list is the whole way.
    pub(in crate::connect) async fn open(config: &SshConfig, context: &OpenContext) -> Result<Self, Failure> {
        if config.via.len() > MAX_HOPS {
            let message = format!("{} is behind {} jump hosts; at most {MAX_HOPS} are followed", config.host, config.via.len());
            return Err(Failure::new(ErrorClass::Unreachable, message).next_step("Shorten `viaRefs`."));
        }
        let mut hops: Vec<Hop> = Vec::new();
        for hop in &config.via {
            let hop = host::resolved(hop, &context.secrets).await?;
            let name = label(&hop.host, hop.port);
            let _place = context.handshakes.place(&name).await;
            let opened = Hop::open(&hop, hops.last(), context).await;
            hops.push(opened.map_err(|mut failure| {
                failure.message = format!("jump host {name}: {}", failure.message);
                failure
            })?);
        }
        let _place = match hops.last() {
            Some(hop) => context.handshakes.place(&hop.label).await,
            None => None,
        };
        let config = host::resolved(config, &context.secrets).await?;
        let target = Hop::open(&config, hops.last(), context).await?;
        let channels = Channels::new(Arc::clone(&target.handle));
        Ok(Self { target, channels, hops })
    }

    /// Takes one reading, inside the question's time and bytes.
    pub(in crate::connect) async fn read(&self, question: Question<'_>, redactor: &Redactor) -> Result<Output, Failure> {
        let Question { shape, timeout, max_output_bytes, meter, .. } = question;
        let command = remote_command(shape.argv()).into_bytes();
        match exec::run(&self.channels, command, Answer::bounded(max_output_bytes, meter), timeout).await {
            Ok(answer) => answer.judge(shape, redactor),
            Err(ending) => Err(self.failure(ending, shape, timeout)),
        }
    }

    fn failure(&self, ending: Ending, shape: &Shape, timeout: Duration) -> Failure {
        let (name, label) = (command_name(shape), &self.target.label);
        match ending {
            Ending::TimedOut => timed_out(shape, timeout),
            Ending::ChannelRefused => Failure::new(ErrorClass::Transient, format!("{label} opens no channel for `{name}`"))
                .next_step("Raise `MaxSessions` of the host's SSH server, or look for sessions that never end."),
            Ending::CommandRefused => Failure::new(ErrorClass::Transient, format!("{label} does not start `{name}`"))
                .next_step("Look at the log of the host's SSH server."),
            Ending::NoStatus => Failure::new(ErrorClass::Interrupted, format!("{label} gave no exit status for `{name}`")),
            Ending::Lost => Failure::new(ErrorClass::Interrupted, format!("the connection to {label} was lost during `{name}`")),
        }
    }

    /// Whether another round may use this session.
    pub(in crate::connect) fn is_reusable(&self) -> bool {
        !self.channels.has_abandoned() && !self.target.is_closed() && !self.hops.iter().any(Hop::is_closed)
    }

    /// Says goodbye to the target, then to the jump hosts, farthest first.
    pub(in crate::connect) async fn close(self) {
        self.target.close().await;
        for hop in self.hops.into_iter().rev() {
            hop.close().await;
        }
    }
}
