//! Reading one instant of the log.

use super::{Db, StoreError};

impl Db {
    /// From here on every read sees the database as it is now, whatever other processes write, until it is closed. For commands
    /// that read more than once; [`Db::verify`] and [`Db::replay`] do so by themselves and do not work afterwards.
    ///
    /// # Errors
    /// SQLite's.
    pub fn freeze(&self) -> Result<(), StoreError> {
        // A transaction begins with its first read.
        self.connection.execute_batch("BEGIN")?;
        self.tree_head()?;
        Ok(())
    }
}
