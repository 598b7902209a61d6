//! `tecrax ack`: a person says that they know.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::escalation::typed_name;
use super::exit::{Exit, Failure};
use super::get::absent;
use crate::api::{DEFAULT_NAMESPACE, Duration, EscalationId};
use crate::evidence::{Place, Subject, seal_escalation};
use crate::reaction::escalation::{Acknowledgement, EscalationChange, Matter, acknowledge, withdraw};
use crate::store::{Db, EscalationOutcome};

/// Longest name of a person, in characters.
const BY_MAX: usize = 128;
/// Longest reason, in characters.
const REASON_MAX: usize = 512;
/// Longest acknowledgement: what stays longer is a matter for `accept` in the Check, where others see it.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How often another process may be faster.
const TRIES: u32 = 8;

/// `ack`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax ack escalation/web-07.1a2b3c4d --reason 'disk is on order' --expires 4h
  tecrax ack escalation/web-07.1a2b3c4d --reason CHG-4711 --expires 2027-03-01T08:00:00Z --by anna
  tecrax ack escalation/web-07.1a2b3c4d --withdraw

No Sink that has not heard of it yet is told of what is acknowledged, until that expires; it stays open and is checked as before. What was
told before is not taken back: an alert in Alertmanager stays, a webhook hears nothing more, not even that the acknowledgement is
over, but for the end. What is said stands in the log. `tecrax get escalations` lists what is open.")]
pub struct AckArgs {
    /// `escalation/NAME` or NAME
    pub name: String,
    /// Why it can wait
    #[arg(long, required_unless_present = "withdraw", value_name = "TEXT")]
    pub reason: Option<String>,
    /// When it ends by itself: a span such as 4h, or an instant such as 2027-03-01T08:00:00Z; at most 90 days
    #[arg(long, required_unless_present = "withdraw", value_name = "WHEN")]
    pub expires: Option<String>,
    /// Who says so [default: $SUDO_USER, else $USER]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Take it back
    #[arg(long, conflicts_with_all = ["reason", "expires", "by"])]
    pub withdraw: bool,
    /// Namespace
    #[arg(short, long, default_value = DEFAULT_NAMESPACE)]
    pub namespace: String,
}

/// Runs `ack`.
pub fn run(context: &Context<'_>, args: &AckArgs) -> Result<Exit, Failure> {
    let name = args.name.strip_prefix(Subject::ESCALATION).or_else(|| args.name.strip_prefix("esc/")).unwrap_or(&args.name);
    let now = (context.now)();
    let said = if args.withdraw { None } else { Some(said(args, now)?) };
    // A state directory that is not there is not made.
    let origin = match context.db()? {
        Some(db) => db.origin().to_owned(),
        None => return Err(Failure::new(Exit::Config, format!("no escalation named `{name}`")).help(context.nothing_yet()?)),
    };
    let mut db = Db::open(&context.state_dir()?, &origin)?;
    let id = find(&db, &args.namespace, name)?;
    let words = write(context, &mut db, &id, said.as_ref(), now)?;
    db.close();
    context.screen.data(&words);
    Ok(Exit::Ok)
}

fn find(db: &Db, namespace: &str, name: &str) -> Result<EscalationId, Failure> {
    let known = db.escalations()?;
    let id = EscalationId::parse(&format!("{namespace}/{name}")).filter(|id| known.contains_key(id));
    let names: Vec<String> = known.keys().filter(|id| id.namespace.as_str() == namespace).map(|id| id.name.to_string()).collect();
    id.ok_or_else(|| absent("escalation", name, &[name], &names))
}

/// Seals it, and tries again while others change the Escalation meanwhile.
fn write(
    context: &Context<'_>,
    db: &mut Db,
    id: &EscalationId,
    said: Option<&Acknowledgement>,
    now: Timestamp,
) -> Result<String, Failure> {
    let name = typed_name(id);
    for _ in 0..TRIES {
        let known = db.escalations()?.remove(id);
        let Some((state, matter)) = known.and_then(|state| state.matter.clone().map(|matter| (state, matter))) else {
            return Err(Failure::new(Exit::Io, format!("{name} was written by a newer tecrax")).help("use that one"));
        };
        let (change, matter) = decide(&matter, said, now).map_err(|why| Failure::new(Exit::Config, format!("{name}: {why}")))?;
        let place = Place { origin: db.origin(), head: state.head(), at: now };
        let value = serde_json::to_value(&matter).map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
        let record = seal_escalation(id, &place, change.as_str(), &value, context.screen.redactor());
        if let Some(EscalationOutcome::Durable(_)) = db.commit_escalations(&[record])?.pop() {
            return Ok(match said {
                Some(said) => format!("{name} acknowledged until {}", said.expires),
                None => format!("{name} is not acknowledged any more"),
            });
        }
    }
    Err(Failure::new(Exit::Io, format!("{name} is being changed by others all the time")).help("try again"))
}

fn decide(
    matter: &Matter,
    said: Option<&Acknowledgement>,
    now: Timestamp,
) -> Result<(EscalationChange, Matter), crate::reaction::escalation::AckError> {
    match said {
        Some(said) => acknowledge(matter, said.clone()),
        None => withdraw(matter, now),
    }
}

fn said(args: &AckArgs, now: Timestamp) -> Result<Acknowledgement, Failure> {
    let reason = text("--reason", args.reason.as_deref().unwrap_or_default(), REASON_MAX)?;
    let by = match &args.by {
        Some(by) => by.clone(),
        None => user().ok_or_else(|| Failure::new(Exit::Usage, "nobody knows who you are").help("say it with --by NAME"))?,
    };
    let expires = expiry(args.expires.as_deref().unwrap_or_default(), now)?;
    Ok(Acknowledgement { by: text("--by", &by, BY_MAX)?, reason, at: now, expires })
}

fn text(flag: &str, text: &str, most: usize) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Failure::new(Exit::Config, format!("{flag} can not be used"))
            .help(format!("write one line of 1 to {most} characters")));
    }
    Ok(text.to_owned())
}

fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let bad = |what: &str| {
        Failure::new(Exit::Config, format!("--expires {what}"))
            .help("write a span such as 4h or 30m, or an instant to come such as 2027-03-01T08:00:00Z; at most 90 days")
    };
    let span = |span: Duration| now.checked_add(SignedDuration::from_millis(i64::try_from(span.as_millis()).ok()?)).ok();
    let at = match Duration::parse(text) {
        Some(duration) => span(duration),
        None => text.parse::<Timestamp>().ok(),
    };
    let at = at.ok_or_else(|| bad("is neither a span nor an instant"))?;
    match at.duration_since(now) {
        left if left <= SignedDuration::ZERO => Err(bad("is over already")),
        left if left > LONGEST => Err(bad("is too far away")),
        _ => Ok(at),
    }
}

/// Who runs the command.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
fn user() -> Option<String> {
    ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()))
}
