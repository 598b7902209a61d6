//! The loop: the only place that sees every stage.
//!
//! [`reconcile`] is one pass; [`watch`] repeats it as files change and slots come. Both share claims in the store with every
//! other process on the same state directory.

mod agenda;
mod asked;
mod backdrop;
mod bury;
mod calls;
mod claims;
mod clock;
mod commit;
mod context;
mod deadline;
mod deliver;
mod delivering;
mod denials;
mod due;
mod emptied;
mod epoch;
mod escalate;
mod following;
mod hints;
mod hold;
mod inputs;
mod keep;
mod lanes;
mod limits;
mod line;
mod look;
mod notices;
mod note;
mod place;
mod pulse;
mod recall;
mod reacting;
mod reconcile;
mod record;
mod refuse;
mod reread;
mod rest;
mod retained;
mod room;
mod rounds;
mod rows;
mod settling;
mod shelf;
mod shown;
mod silent;
mod stop;
mod text;
mod upkeep;
mod wants;
mod watch;
mod work;

pub use asked::wishes;
pub use clock::{ManualClock, system_clock};
pub use context::{Duty, Engine, EngineOptions, Event, Listener};
pub use following::RESCAN;
pub use inputs::{Inputs, load, remembered, source_id};
pub use keep::Keeping;
pub use limits::Limits;
pub use pulse::TICK_MAX;
pub use reconcile::{Report, Tally, pass, reconcile};
pub use stop::{GRACE, LAST_WORDS, STOPS_WITHIN};
pub use wants::wants;
pub use watch::watch;
