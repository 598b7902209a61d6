//! `tecrax reaction-plan`

use jiff::Timestamp;

use super::args::PlanArgs;
use super::environment::Environment;
use super::folder::Folder;
use super::profile::Known;
use super::verdict::{MODES, Verdict, verdict};
use super::{Context, Exit, Failure, answer, input, refused, replay};
use crate::api::Digest;
use crate::evidence::json::{Json, canonical};
use crate::evidence::sclite::ids::reaction_id;
use crate::evidence::sclite::{Admission, Artifact, Decided, ProfileRef, ReactionChain};
use crate::reaction::pack::{Context as Before, Evaluation, Outcome, Pack};

/// Runs it.
pub(super) fn run(context: &Context<'_>, args: &PlanArgs) -> Result<Exit, Failure> {
    let profile = Known::load(context)?;
    let environment = Environment::read(context, &args.env, &profile.name)?;
    let observation = Artifact::of(input::object(&args.observation)?);
    observation.keeps_schema().map_err(|refusal| refused(refusal.message))?;
    if observation.artifact_type() != "observation_envelope" {
        return Err(refused("$.artifact_type: expected const 'observation_envelope'"));
    }
    if !MODES.contains(&args.mode.as_str()) {
        return Err(refused("reaction planning supports read-only modes only").help(format!("use {}", MODES.join(", "))));
    }
    let said = |path: &[&str]| observation.value().text_at(path).unwrap_or_default();
    let pack = profile.pack(said(&["source", "intent_id"]))?;
    fits(&profile, &pack, args, &said)?;
    let evaluation = evaluate(&pack, &observation, args)?;
    let key = ReactionChain::key(&observation, &pack.profile_digest(), &evaluation.rule_digest, &args.target);
    let id = reaction_id(&key);
    let folder = Folder::of(context, &args.kept, &id)?;
    if folder.is_there() {
        return again(context, &folder, &key);
    }
    let decision = Decision::of(&evaluation, |intent| verdict(&environment, &profile, &id, (intent, &args.target, &args.mode)))?;
    let digest = pack.profile_digest().to_string();
    let finding = &evaluation.finding;
    let decided = Decided {
        created_at: &stamp((context.now)()),
        profile: ProfileRef { id: &profile.name, version: &profile.version, digest: &digest },
        rule_id: &evaluation.rule_id,
        rule_digest: evaluation.rule_digest,
        finding: (&finding.kind, finding.severity.as_str(), &finding.summary),
        outcome: decision.outcome.as_str(),
        intent: decision.intent.as_deref(),
        reason: &decision.reason,
        depth: args.depth,
        reaction_count: args.reaction_count,
        visited: &args.visited_rule_digest,
        admission: decision.admission(),
    };
    let chain = ReactionChain::bind(observation.clone(), &key, &decided);
    chain.keeps_schemas().map_err(|refusal| refused(refusal.message))?;
    folder.write(&chain)?;
    Ok(answer(context, &said_of(chain.root(), chain.plan.value(), false)))
}

/// Whether the observation is of this profile, as it is now, and of this target.
fn fits<'v>(profile: &Known, pack: &Pack, args: &PlanArgs, said: &dyn Fn(&[&str]) -> &'v str) -> Result<(), Failure> {
    let digest = pack.profile_digest().to_string();
    for (path, wanted, message) in [
        (["profile_ref", "id"], profile.name.as_str(), "observation profile does not match selected profile"),
        (["profile_ref", "version"], &profile.version, "observation profile version does not match selected profile"),
        (["profile_ref", "digest"], &digest, "observation profile digest does not match reaction snapshot"),
        (["source", "target_id"], &args.target, "observation target does not match requested target"),
    ] {
        if said(&path) != wanted {
            return Err(refused(message));
        }
    }
    Ok(())
}

fn evaluate(pack: &Pack, observation: &Artifact, args: &PlanArgs) -> Result<Evaluation, Failure> {
    let read = serde_json::from_slice(&canonical(observation.value()));
    let read = read.map_err(|error| refused("the facts are beyond what rules can read").help(error.to_string()))?;
    let before = Before {
        depth: args.depth,
        reaction_count: args.reaction_count,
        visited: args.visited_rule_digest.iter().filter_map(|digest| Digest::parse(digest)).collect(),
    };
    Ok(pack.evaluate(&read, &before))
}

/// The decision that was made before, when it is sound and the same.
fn again(context: &Context<'_>, folder: &Folder, key: &Digest) -> Result<Exit, Failure> {
    let bundle = folder.read()?;
    let verified = replay::verified(&bundle)?;
    if verified.plan.text_at(&["context", "idempotency_key"]) != Some(key.to_string().as_str()) {
        return Err(refused("reaction id collision or idempotency drift"));
    }
    Ok(answer(context, &said_of(&verified.root, &verified.plan, true)))
}

fn said_of(root: &str, plan: &Json, again: bool) -> Json {
    let mut said = Json::from([
        ("chain_root", Json::from(root)),
        ("reaction_id", Json::from(plan.text_at(&["reaction_id"]))),
        ("reaction_plan", plan.clone()),
    ]);
    if let Some(said) = said.as_object_mut().filter(|_| again) {
        said.insert("idempotent_replay", true);
    }
    said
}

/// What is done, once policy was asked.
struct Decision {
    outcome: Outcome,
    intent: Option<String>,
    reason: String,
    verdict: Option<Verdict>,
}

impl Decision {
    /// What a rule asks for, or a person where policy does not allow it.
    fn of(evaluation: &Evaluation, ask: impl FnOnce(&str) -> Result<Verdict, Failure>) -> Result<Self, Failure> {
        let (outcome, reason) = (evaluation.outcome, evaluation.reason.clone());
        let Some(intent) = evaluation.intent.clone().filter(|_| outcome.runs()) else {
            return Ok(Self { outcome, intent: None, reason, verdict: None });
        };
        Ok(match ask(&intent)? {
            Verdict::Blocked(why, decided) => Self {
                outcome: Outcome::Escalate,
                intent: None,
                reason: why.clone(),
                verdict: Some(Verdict::Blocked(why, decided)),
            },
            admitted @ Verdict::Admitted(..) => Self { outcome, intent: Some(intent), reason, verdict: Some(admitted) },
        })
    }

    fn admission(&self) -> Admission<'_> {
        match &self.verdict {
            None => Admission::NotApplicable,
            Some(Verdict::Admitted(decision, id)) => Admission::Admitted { decision, id },
            Some(Verdict::Blocked(_, decided)) => {
                Admission::Blocked(decided.as_ref().map(|(decision, id)| (decision.as_str(), id.as_str())))
            }
        }
    }
}

/// An instant as the stack writes it: whole seconds, the offset in digits.
pub(super) fn stamp(at: Timestamp) -> String {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at).to_string();
    format!("{}+00:00", whole.trim_end_matches('Z'))
}
