//! What a run does when readings fail, flood, hang or are stopped: bounds, tries, time-outs, and the record of all of it.

mod bounds;
mod properties;
mod retry;
mod stop;
