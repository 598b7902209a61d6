//! What this machine reaches: tried once, by shutting in a command that does nothing.
//!
//! Only an answer is remembered: the command ended well, or the system refused a part with an error that does not pass. A shortage,
//! namespaces that are all taken, a helper that something ends, and one that says nothing are none: they say nothing of any other moment.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::Duration;

use super::confined::{Confined, Silence};
use super::order::{NOTHING, Order, WORD};
use super::refusal::{Part, Refusal, ended, of_the_moment};
use super::report::{End, Report};
use super::templates::{SELF, Templates};
use crate::api::SandboxLevel;
use crate::connect::Failure;

/// How long a helper may take for nothing. A machine that is held up must not be taken for one that can do less.
const PATIENCE: Duration = Duration::from_mins(1);

/// What this machine reaches.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// The highest level that works here.
    pub(super) level: SandboxLevel,
    /// Parts that commands at this level do without.
    pub(super) without: Vec<Part>,
    /// What stood in the way of more.
    pub(super) lacking: Vec<Refusal>,
}

impl Reached {
    /// What is short of level `full`, and why.
    pub(super) fn says(&self) -> String {
        let lacking: Vec<String> = self.lacking.iter().map(ToString::to_string).collect();
        format!("local commands run at sandbox level {}: {}", self.level.as_str(), lacking.join("; "))
    }
}

/// What trying a level came to.
enum Answer {
    /// It works, without these parts.
    Works(Vec<Part>),
    Refused(Refusal),
}

/// Why nobody knows what this machine reaches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// What the system said, which is of this moment.
    Short(Refusal),
    /// The command that does nothing did not end well.
    Ended(End),
    /// Nobody said how it went.
    Silent(Silence),
    /// Nobody said anything for a long time.
    Late,
}

impl Unknown {
    /// The failure of a command that waited for it.
    pub(super) fn failure(&self) -> Failure {
        let message = format!("how far this machine shuts a command in could not be tried: {self}");
        match self {
            Self::Short(refusal) => refusal.failure(message),
            Self::Ended(_) | Self::Silent(_) => ended(message),
            Self::Late => of_the_moment(message),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(refusal) => write!(f, "{refusal}"),
            Self::Ended(End::Status(status)) => write!(f, "a command that does nothing ended with exit status {status}"),
            Self::Ended(End::Signal(signal)) => write!(f, "a command that does nothing was ended by signal {signal}"),
            Self::Ended(_) => f.write_str("a command that does nothing was ended"),
            Self::Silent(Silence::Helper) => f.write_str("something ended the helper of the sandbox"),
            Self::Silent(Silence::Template) => f.write_str("the template of the sandbox did not take the order"),
            Self::Late => f.write_str("the template or the helper of the sandbox did not answer"),
        }
    }
}

/// Tries the highest level, and then the next. `may_come` is asked where there is no room for another namespace: whether there may be
/// at another time.
///
/// # Errors
/// What was tried came to nothing, for a reason that says nothing of any other moment.
pub(super) async fn probe(templates: &Templates, may_come: fn() -> bool) -> Result<Reached, Unknown> {
    let mut lacking: Vec<Refusal> = Vec::new();
    for level in [SandboxLevel::Full, SandboxLevel::Basic] {
        match attempt(templates, level).await? {
            Answer::Refused(refusal) if refusal.is_about_room() && may_come() => return Err(Unknown::Short(refusal)),
            Answer::Works(without) => {
                // The refusal of a higher level may have said it already.
                lacking.retain(|known| !without.contains(&known.part));
                lacking.extend(without.iter().map(|part| Refusal::of(*part, 0)));
                return Ok(Reached { level, without, lacking });
            }
            Answer::Refused(refusal) => lacking.push(refusal),
        }
    }
    Ok(Reached { level: SandboxLevel::None, without: Vec::new(), lacking })
}

async fn attempt(templates: &Templates, level: SandboxLevel) -> Result<Answer, Unknown> {
    let null = match null() {
        Ok(null) => null,
        Err(error) => return refused(Refusal::because(Part::Helper, &error)),
    };
    let ordered = match order(level) {
        Ok(order) => Confined::start(templates, None, &order, [null.as_fd(); 2]).await,
        Err(error) => Err(Refusal::because(Part::Order, &error)),
    };
    match ordered {
        Ok(confined) => Trial(Some(confined)).answer().await,
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Result<Answer, Unknown> {
    let is_short = refusal.may_pass() && !refusal.is_about_room();
    if is_short { Err(Unknown::Short(refusal)) } else { Ok(Answer::Refused(refusal)) }
}

/// Nothing is what the command does, so it needs no folder of its own.
fn order(level: SandboxLevel) -> io::Result<Order> {
    let order = Order::new(level, PATIENCE, Path::new("/"), Path::new(SELF))?.with_arguments(["tecrax", WORD, NOTHING])?;
    // What the lower level lacks is what is asked here.
    Ok(if level < SandboxLevel::Full { order.without(vec![Part::Landlock, Part::Seccomp]) } else { order })
}

/// A command that was ordered to see whether it works. Whoever asked may have no time left: then what came of it is ended.
struct Trial(Option<Confined>);

impl Trial {
    async fn answer(mut self) -> Result<Answer, Unknown> {
        let Some(confined) = &mut self.0 else { return Err(Unknown::Late) };
        if tokio::time::timeout(PATIENCE, confined.listen()).await.is_err() {
            return Err(Unknown::Late);
        }
        match confined.report() {
            Ok(Report { end: End::Status(0), lacking }) => Ok(Answer::Works(lacking.clone())),
            Ok(Report { end: End::Refused(refusal), .. }) => refused(*refusal),
            // The system would not execute this program.
            Ok(Report { end: End::NotStarted(error), .. }) => refused(Refusal::of(Part::Helper, *error)),
            Ok(Report { end, .. }) => Err(Unknown::Ended(*end)),
            Err(Silence::Template) if confined.template().gave_up().await => refused(Refusal::of(Part::Program, 0)),
            Err(silence) => Err(Unknown::Silent(silence)),
        }
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(confined) = self.0.take() {
            confined.abandon();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the device swallows what the command writes")]
fn null() -> io::Result<File> {
    File::options().write(true).open("/dev/null")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "what does not hold fails the test")]
mod tests {
    use std::io::Write as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    use super::super::confined::Silence;
    use super::super::order::{MAX_MESSAGE, Order};
    use super::super::refusal::{Part, Refusal};
    use super::super::report::End;
    use super::super::request::{Received, receive};
    use super::super::templates::Templates;
    use super::{Reached, Unknown, probe};
    use crate::api::SandboxLevel;

    /// Nobody has this number.
    const HERE: &str = "here 4194304\n";

    /// Takes one order after the other, says so much to each, and lets go of it. Answers the levels that were ordered.
    fn play(socket: &OwnedFd, lines: &[String]) -> Vec<SandboxLevel> {
        let mut buffer = vec![0; MAX_MESSAGE];
        let take = |line: &String| {
            poll(&mut [PollFd::new(socket, PollFlags::IN)], None).unwrap();
            let Received::Order(length, given) = receive(socket, &mut buffer).unwrap() else { return None };
            UnixStream::from(given.control).write_all(line.as_bytes()).unwrap();
            Some(Order::parse(buffer.get(..length).unwrap()).unwrap().level)
        };
        lines.iter().map_while(take).collect()
    }

    /// What a probe comes to, and which levels it tried.
    async fn told(lines: &[String]) -> (Result<Reached, Unknown>, Vec<SandboxLevel>) {
        told_where(lines, || false).await
    }

    /// The same where there may be other namespaces, or not.
    async fn told_where(lines: &[String], may_come: fn() -> bool) -> (Result<Reached, Unknown>, Vec<SandboxLevel>) {
        let (templates, socket) = Templates::played().unwrap();
        let lines = lines.to_owned();
        let playing = std::thread::spawn(move || play(&socket, &lines));
        let reached = probe(&templates, may_come).await;
        drop(templates);
        (reached, playing.join().unwrap())
    }

    #[tokio::test]
    async fn a_level_is_not_lowered_by_what_is_no_answer() {
        let refused = "refused-namespaces 1\n".to_owned();
        let short = |part: Part, error: Errno| Unknown::Short(Refusal::of(part, error.raw_os_error()));
        let cases = [
            // The system was short of something when the first process, or the command, was made.
            (format!("{HERE}not-started 11\n"), short(Part::Helper, Errno::AGAIN)),
            (format!("{HERE}refused-helper 12\n"), short(Part::Helper, Errno::NOMEM)),
            ("refused-helper 11\n".to_owned(), short(Part::Helper, Errno::AGAIN)),
            (format!("{HERE}refused-landlock 23\n"), short(Part::Landlock, Errno::NFILE)),
            // The kernel had no memory, and ended somebody.
            (HERE.to_owned(), Unknown::Silent(Silence::Helper)),
            (format!("{HERE}signal 9\n"), Unknown::Ended(End::Signal(9))),
            (format!("{HERE}crowded 0\n"), Unknown::Ended(End::Crowded)),
            (format!("{HERE}status 127\n"), Unknown::Ended(End::Status(127))),
        ];
        for (line, why) in cases {
            let (reached, levels) = told(std::slice::from_ref(&line)).await;
            assert_eq!((reached.as_ref(), levels), (Err(&why), vec![SandboxLevel::Full]), "{line}");
            let failure = why.failure();
            assert!(failure.transient && failure.class == crate::api::ErrorClass::Transient, "{failure:?}");
            // A filter that kills is heard of by nobody but who looks for it.
            let names_filters = failure.next_step.is_some_and(|step| step.contains("SystemCallFilter"));
            assert_eq!(names_filters, matches!(why, Unknown::Silent(_) | Unknown::Ended(_)), "{line}");
            // The same where the highest level is known not to work: there is a lower one than the next.
            let (reached, levels) = told(&[refused.clone(), line.clone()]).await;
            assert_eq!((reached, levels), (Err(why), vec![SandboxLevel::Full, SandboxLevel::Basic]), "{line}");
        }
    }

    /// Other programs may have them all, and give them back.
    #[tokio::test]
    async fn namespaces_that_are_all_taken_lower_no_level() {
        let none = Refusal::of(Part::Namespaces, Errno::NOSPC.raw_os_error());
        let lines = ["refused-namespaces 28\n".to_owned(), format!("{HERE}status 0\n")];
        let (reached, levels) = told_where(&lines[..1], || true).await;
        assert_eq!((reached, levels), (Err(Unknown::Short(none)), vec![SandboxLevel::Full]));
        let failure = Unknown::Short(none).failure();
        assert!(failure.transient && failure.next_step.unwrap().contains("user.max_user_namespaces"));
        // A limit of 0 is for good.
        let basic = Reached { level: SandboxLevel::Basic, without: vec![], lacking: vec![none] };
        assert_eq!(told_where(&lines, || false).await.0, Ok(basic));
    }

    #[tokio::test]
    async fn what_the_system_refuses_for_good_is_remembered() {
        let (namespaces, limits) = (Refusal::of(Part::Namespaces, 1), Refusal::of(Part::Limits, 1));
        let (well, refused) = (format!("{HERE}status 0\n"), "refused-namespaces 1\n".to_owned());
        let full = Reached { level: SandboxLevel::Full, without: vec![], lacking: vec![] };
        assert_eq!(told(std::slice::from_ref(&well)).await.0, Ok(full));
        let lacks = format!("{HERE}status 0 seccomp\n");
        let lacking = vec![namespaces, Refusal::of(Part::Seccomp, 0)];
        let basic = Reached { level: SandboxLevel::Basic, without: vec![Part::Seccomp], lacking };
        assert_eq!(told(&[refused.clone(), lacks]).await.0, Ok(basic));
        let none = Reached { level: SandboxLevel::None, without: vec![], lacking: vec![namespaces, limits] };
        assert_eq!(told(&[refused, "refused-limits 1\n".to_owned()]).await.0, Ok(none));
    }
}
