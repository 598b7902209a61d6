//! Words of systemd for what a unit is doing.

/// `ActiveState` of a unit whose program runs: as `systemctl is-active` has it, also while it reads its configuration anew.
const UP: [&str; 3] = ["active", "reloading", "refreshing"];

/// Whether a unit in this `ActiveState` runs.
pub(super) fn is_up(active_state: &str) -> bool {
    UP.contains(&active_state)
}
