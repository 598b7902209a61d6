//! What every command shares.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::args::Global;
use super::diagnostics;
use super::exit::{Exit, Failure};
use super::logging;
use super::screen::Screen;
use crate::api::{Problem, Severity};
use crate::connect::Sandbox;
use crate::engine::system_clock;
use crate::facts;
use crate::profile::Profile;
use crate::reaction::Packs;
use crate::run::Now;
use crate::store::{Db, StateDirSources, StoreError, state_dir};

/// Below the state directory: private folders of local commands, as long as they run.
const SANDBOX: &str = "sandbox";

/// Flags, screen and clock.
pub struct Context<'a> {
    pub(super) global: Global,
    pub(super) screen: &'a Screen,
    pub(super) now: Now,
    sandbox: OnceLock<Sandbox>,
    /// Read once, whoever asks.
    profile: OnceLock<Arc<Profile>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(global: Global, screen: &'a Screen) -> Self {
        if let Some(level) = global.log {
            logging::start(level, global.log_format, screen.colored_words(), screen.redactor().clone());
        }
        Self { global, screen, now: system_clock(), sandbox: OnceLock::new(), profile: OnceLock::new() }
    }

    /// The state directory that flags and environment name.
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    pub(super) fn state_dir(&self) -> Result<PathBuf, Failure> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let sources = StateDirSources {
            flag: self.global.state_dir.clone(),
            tecrax: path("TECRAX_STATE_DIR"),
            systemd: std::env::var("STATE_DIRECTORY").ok(),
            xdg: path("XDG_STATE_HOME"),
            home: path("HOME"),
        };
        Ok(state_dir(&sources)?)
    }

    /// How local commands are shut in; their private folders are below the state directory.
    pub(super) fn sandbox(&self) -> Result<Sandbox, Failure> {
        let folder = self.state_dir()?.join(SANDBOX);
        Ok(self.sandbox.get_or_init(|| Sandbox::of_this_program(folder)).clone())
    }

    /// Leaves nothing of local commands behind, whoever holds on to the sandbox.
    pub(super) fn end_commands(&self) {
        self.sandbox.get().into_iter().for_each(Sandbox::end);
    }

    /// The state, for reading; `None` before the first run.
    pub(super) fn db(&self) -> Result<Option<Db>, Failure> {
        match Db::open_read_only(&self.state_dir()?) {
            Ok(db) => Ok(Some(db)),
            Err(StoreError::Empty { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What to say where nothing is recorded yet.
    pub(super) fn nothing_yet(&self) -> Result<String, Failure> {
        Ok(format!(
            "nothing is recorded in {} yet: run `tecrax reconcile --once PATH`, or name another --state-dir",
            self.state_dir()?.display()
        ))
    }

    /// The profile in force. One from a directory has packs that compile; those of the built-in one do.
    pub(super) fn profile(&self) -> Result<Arc<Profile>, Failure> {
        if let Some(profile) = self.profile.get() {
            return Ok(Arc::clone(profile));
        }
        let profile = match &self.global.profile {
            // Tests hold the packs of the built-in one.
            Some(directory) => Profile::load(directory, &is_known).and_then(|profile| Packs::of(&profile).map(|_| profile)),
            None => Profile::embedded(&is_known),
        };
        let profile = self.usable(profile)?;
        Ok(Arc::clone(self.profile.get_or_init(|| profile)))
    }

    /// The built-in profile, whatever the flags name.
    pub(super) fn built_in(&self) -> Result<Arc<Profile>, Failure> {
        if self.global.profile.is_none() { self.profile() } else { self.usable(Profile::embedded(&is_known)) }
    }

    fn usable(&self, loaded: Result<Profile, Vec<Problem>>) -> Result<Arc<Profile>, Failure> {
        loaded.map(Arc::new).map_err(|problems| {
            self.problems(&problems);
            Failure::new(Exit::Config, "the profile can not be used")
        })
    }

    /// The reaction packs of the profile in force.
    pub(super) fn packs(&self) -> Result<Packs, Failure> {
        self.packs_of(&*self.profile()?)
    }

    /// The reaction packs of a profile that was read before.
    pub(super) fn packs_of(&self, profile: &Profile) -> Result<Packs, Failure> {
        Packs::of(profile).map_err(|problems| {
            self.problems(&problems);
            Failure::new(Exit::Config, "the reaction packs of the profile can not be used")
        })
    }

    /// Prints problems in the order of the files, errors last so that they stand nearest to the prompt. Notes only when logging
    /// is on.
    pub(super) fn problems(&self, problems: &[Problem]) {
        let style = diagnostics::Style { snippet: self.screen.watched(), color: self.screen.colored_words() };
        let mut sorted: Vec<&Problem> =
            problems.iter().filter(|problem| problem.severity != Severity::Note || self.global.log.is_some()).collect();
        sorted.sort_by_key(|problem| (std::cmp::Reverse(problem.severity), problem.place.as_ref()));
        for problem in sorted {
            self.screen.word(diagnostics::render(problem, style).trim_end());
        }
    }
}

/// Whether the program has a normalizer of that name.
fn is_known(name: &str) -> bool {
    facts::normalizer(name).is_some()
}
