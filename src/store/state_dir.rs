//! Which directory holds the state.

use std::path::PathBuf;

use super::StoreError;

/// Where a state directory may be named, strongest first. Values come from the command line and the environment.
#[derive(Debug, Clone, Default)]
pub struct StateDirSources {
    /// `--state-dir`.
    pub flag: Option<PathBuf>,
    /// `TECRAX_STATE_DIR`.
    pub tecrax: Option<PathBuf>,
    /// `STATE_DIRECTORY`, as systemd sets it: a list separated by colons, of which the first counts.
    pub systemd: Option<String>,
    /// `XDG_STATE_HOME`.
    pub xdg: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
}

/// The state directory that the sources name.
///
/// # Errors
/// [`StoreError::NoDirectory`] when no source names one.
pub fn state_dir(sources: &StateDirSources) -> Result<PathBuf, StoreError> {
    let set = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
    let systemd =
        sources.systemd.as_deref().and_then(|list| list.split(':').next()).filter(|first| !first.is_empty()).map(PathBuf::from);
    set(&sources.flag)
        .or_else(|| set(&sources.tecrax))
        .or(systemd)
        // The XDG rule: relative values are invalid and ignored.
        .or_else(|| set(&sources.xdg).filter(|path| path.is_absolute()).map(|path| path.join("tecrax")))
        .or_else(|| set(&sources.home).map(|home| home.join(".local/state/tecrax")))
        .ok_or(StoreError::NoDirectory)
}
