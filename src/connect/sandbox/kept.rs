//! What is made once and kept for as long as the process lives.

use std::sync::{Mutex, OnceLock, PoisonError};

/// A value that is made by whoever needs it first. What could not be made is not remembered: whoever comes next tries again.
#[derive(Debug)]
pub(super) struct Kept<T> {
    value: OnceLock<T>,
    making: Mutex<()>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { value: OnceLock::new(), making: Mutex::default() }
    }
}

impl<T> Kept<T> {
    /// The value, which `make` makes where there is none; others wait for that.
    pub(super) fn get_or_try<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        match self.value.get() {
            Some(value) => Ok(value),
            None => make().map(|value| self.value.get_or_init(|| value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn what_could_not_be_made_is_tried_again_and_what_was_is_kept() {
        let kept = Kept::default();
        assert_eq!(kept.get_or_try(|| Err("short")), Err("short"));
        assert_eq!(kept.get_or_try(|| Ok::<_, &str>(1)), Ok(&1));
        assert_eq!(kept.get_or_try(|| Err("short")), Ok(&1));
    }
}
