//! One command on one channel.
//!
//! Each command is driven by a task of its own, because a channel must be closed on every path: the library sends nothing when a
//! channel is dropped, and a server that is never told keeps one of its few session places for good. Whoever waits for the
//! answer may go away at any moment; the task notices and cleans up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, Sig};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::client::Client;
use super::jitter;
use crate::connect::answer::{Answer, End};

/// Channels open at once. OpenSSH allows ten (`MaxSessions 10`) and counts one that has just ended for a moment longer.
const AT_ONCE: usize = 4;
/// Pause after the first refused channel, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a server may take to close a channel whose command has ended; then we close it.
const CLOSING: Duration = Duration::from_secs(1);
/// `SSH_EXTENDED_DATA_STDERR`, RFC 4254 section 5.2.
const STDERR: u32 = 1;

/// Why a command has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    TimedOut,
    /// The server opens no channel, for as long as there was time to ask.
    ChannelRefused,
    /// The server opened a channel but does not start the command.
    CommandRefused,
    /// The channel was closed without an exit status or signal.
    NoStatus,
    /// The connection went away.
    Lost,
}

/// The channels of one connection.
pub(super) struct Channels {
    handle: Arc<Handle<Client>>,
    slots: Arc<Semaphore>,
    abandoned: AtomicBool,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channels").field("abandoned", &self.abandoned).finish_non_exhaustive()
    }
}

impl Channels {
    /// No channel open yet.
    pub(super) fn new(handle: Arc<Handle<Client>>) -> Arc<Self> {
        Arc::new(Self { handle, slots: Arc::new(Semaphore::new(AT_ONCE)), abandoned: AtomicBool::new(false) })
    }

    /// Whether a command was left silent before it had ended; the server may still be busy with it.
    pub(super) fn has_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }
}

/// Runs `command` and reads its output into `empty`, within its bounds and `limit`.
pub(super) async fn run(channels: &Arc<Channels>, command: Vec<u8>, empty: Answer, limit: Duration) -> Result<Answer, Ending> {
    let deadline = Instant::now() + limit;
    let slot = match timeout_at(deadline, Arc::clone(&channels.slots).acquire_owned()).await {
        Ok(Ok(slot)) => slot,
        Ok(Err(_)) => return Err(Ending::Lost),
        Err(_) => return Err(Ending::TimedOut),
    };
    let (caller, answer) = oneshot::channel();
    let driver = Driver { channels: Arc::clone(channels), deadline, caller: Some(caller), _slot: slot };
    tokio::spawn(driver.drive(command, empty));
    answer.await.unwrap_or(Err(Ending::Lost))
}

struct Driver {
    channels: Arc<Channels>,
    deadline: Instant,
    caller: Option<oneshot::Sender<Result<Answer, Ending>>>,
    _slot: OwnedSemaphorePermit,
}

impl Driver {
    async fn drive(mut self, command: Vec<u8>, mut answer: Answer) {
        let Some(mut channel) = self.open().await else { return };
        let started = channel.exec(true, command).await;
        // End of input right away: the command has no standard input.
        if started.is_err() || channel.eof().await.is_err() {
            return self.tell(Err(Ending::Lost));
        }
        let ended = tokio::select! {
            ended = listen(&mut channel, &mut answer) => ended,
            () = given_up(self.deadline, self.caller.as_mut()) => Heard::Nothing,
        };
        match ended {
            Heard::Closed => {
                let result = if answer.end.is_some() { Ok(answer) } else { Err(Ending::NoStatus) };
                self.tell(result);
            }
            Heard::Everything => {
                self.tell(Ok(answer));
                close(channel).await;
            }
            Heard::Lost => self.tell(Err(Ending::Lost)),
            Heard::Cut => {
                self.tell(Ok(answer));
                leave(channel).await;
            }
            Heard::Refused => {
                self.tell(Err(Ending::CommandRefused));
                leave(channel).await;
            }
            Heard::Nothing => {
                self.channels.abandoned.store(true, Ordering::Relaxed);
                self.tell(Err(Ending::TimedOut));
                leave(channel).await;
            }
        }
    }

    /// Opens a channel, again while the server refuses and there is time.
    async fn open(&mut self) -> Option<Channel<Msg>> {
        let channels = Arc::clone(&self.channels);
        let mut pause = FIRST_PAUSE;
        let mut too_late = Ending::TimedOut;
        loop {
            let opening = channels.handle.channel_open_session();
            tokio::pin!(opening);
            let opened = tokio::select! {
                opened = &mut opening => opened,
                () = given_up(self.deadline, self.caller.as_mut()) => {
                    self.channels.abandoned.store(true, Ordering::Relaxed);
                    self.tell(Err(too_late));
                    // The server may still open it, and only then can it be closed. This ends with the connection at the latest.
                    if let Ok(channel) = opening.await {
                        let _ = channel.close().await;
                    }
                    return None;
                }
            };
            match opened {
                Ok(channel) => return Some(channel),
                Err(russh::Error::ChannelOpenFailure(_)) => {
                    too_late = Ending::ChannelRefused;
                    tokio::select! {
                        () = sleep(jitter(pause)) => pause = (pause * 2).min(LONGEST_PAUSE),
                        () = given_up(self.deadline, self.caller.as_mut()) => {
                            self.tell(Err(too_late));
                            return None;
                        }
                    }
                }
                Err(_) => {
                    self.tell(Err(Ending::Lost));
                    return None;
                }
            }
        }
    }

    fn tell(&mut self, answer: Result<Answer, Ending>) {
        if let Some(caller) = self.caller.take() {
            // A caller that went away does not want to know.
            let _ = caller.send(answer);
        }
    }
}

enum Heard {
    /// The server closed the channel.
    Closed,
    /// Nothing more can come, but the channel is still open.
    Everything,
    /// The connection is gone.
    Lost,
    /// A stream is full.
    Cut,
    /// The server does not start the command.
    Refused,
    /// No end in time, or nobody waits for it any more.
    Nothing,
}

async fn listen(channel: &mut Channel<Msg>, answer: &mut Answer) -> Heard {
    let mut no_more_data = false;
    loop {
        match channel.wait().await {
            None => return Heard::Lost,
            Some(ChannelMsg::Close) => return Heard::Closed,
            Some(ChannelMsg::Failure) => return Heard::Refused,
            Some(ChannelMsg::Data { data }) => _ = answer.stdout.push(&data),
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => _ = answer.stderr.push(&data),
            Some(ChannelMsg::Eof) => no_more_data = true,
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                answer.end = Some(End::Status(i32::try_from(exit_status).unwrap_or(i32::MAX)));
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => answer.end = Some(End::Signal(name_of(&signal_name))),
            Some(_) => {}
        }
        if answer.is_cut() {
            return Heard::Cut;
        }
        if no_more_data && answer.end.is_some() {
            return Heard::Everything;
        }
    }
}

/// Ends a command that we no longer listen to: by a signal where the server allows it, and by closing the channel, which ends one
/// that writes. Goes on reading until both are sent: the library hands out data of all channels in turn, and would not take our
/// messages while one of them is full.
async fn leave(channel: Channel<Msg>) {
    let (mut data, requests) = channel.split();
    let last_words = async {
        let _ = requests.signal(Sig::KILL).await;
        let _ = requests.close().await;
    };
    tokio::select! {
        () = last_words => {}
        () = async { while data.wait().await.is_some() {} } => {}
    }
}

/// Lets the server close a channel whose command has ended, so that its place is free before ours is; closes it when it does not.
async fn close(mut channel: Channel<Msg>) {
    let closed = timeout(CLOSING, async {
        while let Some(message) = channel.wait().await {
            if matches!(message, ChannelMsg::Close) {
                break;
            }
        }
    });
    if closed.await.is_err() {
        let _ = channel.close().await;
    }
}

/// Returns when time is up or nobody waits for the answer any more.
async fn given_up(deadline: Instant, caller: Option<&mut oneshot::Sender<Result<Answer, Ending>>>) {
    match caller {
        Some(caller) => tokio::select! {
            () = sleep_until(deadline) => {}
            () = caller.closed() => {}
        },
        None => sleep_until(deadline).await,
    }
}

fn name_of(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => crate::api::printable(name, 32),
        known => format!("{known:?}"),
    }
}
