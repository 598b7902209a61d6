//! References to secrets become values here and in `connect`; every other stage gets only a [`Redactor`].

mod redactor;

pub use redactor::Redactor;
