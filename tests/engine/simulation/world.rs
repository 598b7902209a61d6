//! What is behind the fixture connections: hosts whose state a story changes.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tecrax::api::ErrorClass;
use tecrax::connect::{Failure, Recording, Recordings};

/// What one host is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Host {
    /// Nobody answers.
    pub lost: bool,
    /// The clock is not synchronised.
    pub clock_off: bool,
    /// The Docker service has stopped.
    pub docker_stopped: bool,
    /// `timedatectl` does not answer in time: the state of the clock can not be seen.
    pub clock_unseen: bool,
}

/// Every host by name.
#[derive(Debug, Default)]
pub struct World(Mutex<BTreeMap<String, Host>>);

impl World {
    pub fn set(&self, name: &str, host: Host) {
        self.0.lock().unwrap().insert(name.to_owned(), host);
    }

    pub fn host(&self, name: &str) -> Host {
        self.0.lock().unwrap().get(name).copied().unwrap_or_default()
    }

    fn of(&self, target: &str) -> Host {
        self.host(target.split_once('/').map_or(target, |(_, name)| name))
    }
}

impl Recordings for World {
    fn open(&self, target: &str) -> Result<(), Failure> {
        if self.of(target).lost { Err(Failure::new(ErrorClass::Unreachable, "no route to host")) } else { Ok(()) }
    }

    fn read(&self, target: &str, action: &str) -> Option<Result<Recording, Failure>> {
        let host = self.of(target);
        let text = match action {
            "read_ntp_sync_state" if host.clock_unseen => {
                return Some(Err(Failure::new(ErrorClass::Timeout, "no answer in time")));
            }
            "read_ntp_sync_state" if host.clock_off => "NTP=yes\nNTPSynchronized=no\n",
            "read_docker_service_state" if host.docker_stopped => {
                "LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled\n"
            }
            _ => return None,
        };
        Some(Ok((text.to_owned(), String::new(), 0)))
    }
}
