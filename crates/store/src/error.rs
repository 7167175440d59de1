//! What can go wrong between Holdfast and its database.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres failed, or cannot be reached.
    #[error("database")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migrating the database")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Somebody else changed the row first.
    #[error("the row was changed by somebody else first")]
    Stale,
    /// Something with this name or number exists already.
    #[error("`{constraint}` exists already")]
    Exists {
        /// The unique constraint or index.
        constraint: String,
    },
    /// A stored value is none that this version knows.
    #[error("column `{column}` holds `{value}`, which this version does not know")]
    Corrupt {
        /// The column.
        column: &'static str,
        /// What it holds.
        value: String,
    },
}

impl StoreError {
    /// A guarded write touched exactly the rows that it should.
    pub(crate) fn expect_rows(affected: u64, wanted: u64) -> Result<(), Self> {
        if affected == wanted { Ok(()) } else { Err(Self::Stale) }
    }

    /// Names a violated unique constraint; anything else is passed on.
    pub(crate) fn unique(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(db) if db.is_unique_violation() => Self::Exists {
                constraint: db.constraint().unwrap_or_default().to_owned(),
            },
            _ => Self::Database(error),
        }
    }
}
