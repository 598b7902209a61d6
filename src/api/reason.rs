//! Every reason that a condition, a finding, a reaction or a problem can carry: one documented constant each.
//!
//! Reasons are API: scripts match on them. `docs/reasons.md` is generated from this file and golden-tested.

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = $word;)+

        /// Every reason with its sentence, sorted by word in `docs/reasons.md`.
        pub const ALL: &[(&str, &str)] = &[$(($word, concat!($($doc),+))),+];
    };
}

reasons! {
    // Problems of manifests
    /// The document is not YAML.
    SYNTAX = "Syntax";
    /// A field that the kind does not have.
    UNKNOWN_FIELD = "UnknownField";
    /// A key that stands twice in one map.
    DUPLICATE_KEY = "DuplicateKey";
    /// A value of the wrong type or form.
    BAD_VALUE = "BadValue";
    /// A required field is absent.
    MISSING_FIELD = "MissingField";
    /// The document names no `apiVersion` or `kind`.
    NOT_A_MANIFEST = "NotAManifest";
    /// A kind or version of this group that does not exist.
    UNKNOWN_KIND = "UnknownKind";
    /// Two documents describe one object.
    DUPLICATE_OBJECT = "DuplicateObject";
    /// A manifest holds a secret itself instead of a reference to it.
    INLINE_SECRET = "InlineSecret";
    /// A file or document is larger than its bound.
    TOO_LARGE = "TooLarge";
    /// A file or directory could not be read.
    UNREADABLE = "Unreadable";
    /// A PATH is not there, or no manifest file in it has a word in it, as a volume that is not mounted leaves one.
    EMPTY_PATH = "EmptyPath";
    /// A symlink leads out of the root.
    OUTSIDE_ROOT = "OutsideRoot";
    /// Fields that a server sets were ignored.
    SERVER_FIELD_IGNORED = "ServerFieldIgnored";
    /// The manifests are in a Git work tree, but their commit can not be told.
    NO_REVISION = "NoRevision";
    /// A kind that tecrax writes itself was ignored.
    WRITTEN_BY_TECRAX = "WrittenByTecrax";
    /// A field, connection kind, intent or kind has no effect in this version.
    NOT_IN_EFFECT = "NotInEffect";
    /// None or more than one field of a union is set.
    UNION = "Union";
    /// A reference leads nowhere.
    UNKNOWN_REFERENCE = "UnknownReference";
    /// The profile has no such intent.
    UNKNOWN_INTENT = "UnknownIntent";
    /// The profile has no such connection role, or the role does not allow the kind.
    BAD_ROLE = "BadRole";
    /// The intent does not apply to this type of Target.
    WRONG_TARGET_TYPE = "WrongTargetType";
    /// The intent needs a connection that the Target does not declare.
    MISSING_CONNECTION = "MissingConnection";
    /// An expectation names a path that the facts contract does not have, or compares it in a way that cannot hold.
    BAD_EXPECTATION = "BadExpectation";
    /// A parameter that the profile does not declare here, or a value outside its pattern.
    BAD_PARAMETER = "BadParameter";
    /// A selector matches no Target.
    EMPTY_SELECTION = "EmptySelection";
    /// An immutable field of a known object was edited.
    IMMUTABLE = "Immutable";
    /// A rule of a Policy that can not mean what it says. The pairs that the Policy selects are denied.
    BAD_POLICY = "BadPolicy";
    /// A rule of a Policy that never decides.
    UNREACHABLE_RULE = "UnreachableRule";
    /// The profile itself is wrong.
    BAD_PROFILE = "BadProfile";

    // Conditions
    /// The pair is observed on schedule.
    ON_SCHEDULE = "OnSchedule";
    /// Nothing has been observed yet.
    NOT_YET_OBSERVED = "NotYetObserved";
    /// The Check or the Target is suspended.
    SUSPENDED = "Suspended";
    /// The evidence is older than `freshFor`, or nobody has looked since a run was due.
    STALE = "Stale";
    /// The pair was due and was not looked at before the deadline of `reconcile --once --deadline`; nothing is recorded about that.
    DEADLINE_EXCEEDED = "DeadlineExceeded";
    /// Everything seen is as it should be.
    ALL_HEALTHY = "AllHealthy";
    /// The facts contract judges it degraded.
    DEGRADED = "Degraded";
    /// The facts contract judges it unhealthy.
    UNHEALTHY = "Unhealthy";
    /// An expectation does not hold.
    EXPECTATION_FAILED = "ExpectationFailed";
    /// The fact of an expectation was not observed.
    EXPECTATION_NOT_OBSERVED = "ExpectationNotObserved";
    /// Some readings have no usable output, so nobody can say.
    PARTIAL_READINGS = "PartialReadings";
    /// The facts do not satisfy their contract; a bug or a target that lies.
    INVALID_FACTS = "InvalidFacts";
    /// Policy does not admit the plan.
    DENIED = "Denied";
    /// Policy does not admit the plan without a person, and there is no way to ask one yet.
    APPROVAL_REQUIRED = "ApprovalRequired";
    /// A Policy that may select the pair can not be used, so it is denied.
    POLICY_UNUSABLE = "PolicyUnusable";
    /// The Check or the Target has errors, so that its last good version is in force.
    INVALID_SPEC = "InvalidSpec";
    /// Every rule of the Policy is in effect.
    IN_EFFECT = "InEffect";
    /// Every connection of the Target answered in its last round.
    REACHABLE = "Reachable";

    /// The Sink accepted what it was sent last.
    DELIVERING = "Delivering";
    /// The Sink did not accept what it was sent last.
    DELIVERY_FAILED = "DeliveryFailed";
    /// There was nothing to tell the Sink yet.
    NOTHING_TOLD = "NothingTold";
    /// The Sink did not accept what it was sent last, and nothing waits for it any more.
    NOTHING_WAITS = "NothingWaits";

    // Error classes of readings
    /// No answer at the address.
    UNREACHABLE = "Unreachable";
    /// The name of the server could not be resolved.
    NAME_UNRESOLVED = "NameUnresolved";
    /// The server's certificate is from a CA that is not trusted here.
    TLS_UNTRUSTED = "TlsUntrusted";
    /// The server's certificate is for another name.
    TLS_NAME = "TlsName";
    /// The server's certificate has expired, or is not valid yet.
    TLS_EXPIRED = "TlsExpired";
    /// TLS failed in another way.
    TLS_FAILED = "TlsFailed";
    /// The host's key is not among the known ones.
    UNKNOWN_HOST_KEY = "UnknownHostKey";
    /// The host presents another key than the known one, or a revoked one.
    CHANGED_HOST_KEY = "ChangedHostKey";
    /// The server refused every credential.
    AUTH_REFUSED = "AuthRefused";
    /// A private key, agent, known_hosts file or secret could not be used.
    CREDENTIAL_UNUSABLE = "CredentialUnusable";
    /// It did not end in time.
    TIMEOUT = "Timeout";
    /// The connection was lost in the middle of a reading.
    INTERRUPTED = "Interrupted";
    /// The server refused a channel, this machine had no more open files or processes, or something else that may pass.
    TRANSIENT = "Transient";
    /// The output was longer than the bound and is cut.
    OUTPUT_CUT = "OutputCut";
    /// A bound of the admission is reached: steps, connections or bytes of the whole run.
    BOUND_REACHED = "BoundReached";
    /// The command ended with an exit status its shape does not list.
    COMMAND_FAILED = "CommandFailed";
    /// The system does not have what the shape asks for.
    UNSUPPORTED = "Unsupported";
    /// The output is not text.
    NOT_TEXT = "NotText";
    /// An HTTP server answered with a status that is no answer.
    HTTP_STATUS = "HttpStatus";
    /// The server answered with something else than the shape expects.
    UNEXPECTED_ANSWER = "UnexpectedAnswer";
    /// The server answered with an error of its own.
    API_ERROR = "ApiError";
    /// The Target declares no connection for this role.
    NOT_DECLARED = "NotDeclared";
    /// Fixtures are not allowed in this run.
    FIXTURES_NOT_ALLOWED = "FixturesNotAllowed";
    /// This machine would not shut a local command in as far as policy requires; nothing was started.
    NOT_CONFINED = "NotConfined";
    /// Something inside tecrax failed; please report it.
    INTERNAL = "Internal";

    // Why a pair runs or does not
    /// There is no evidence yet.
    MISSING = "Missing";
    /// The Check's or Target's spec changed.
    SPEC_CHANGED = "SpecChanged";
    /// The shapes, normalizers or rules this pair uses changed.
    PLAN_CHANGED = "PlanChanged";
    /// The interval has passed.
    DUE = "Due";
    /// A reaction or a person asked for it.
    RERUN_REQUESTED = "RerunRequested";
    /// The evidence is recent enough.
    FRESH = "Fresh";
    /// The pair is no longer desired; its evidence stays.
    REMOVED = "Removed";

    // Why slots passed without a run
    /// Another process worked on the pair and recorded nothing.
    BUSY = "Busy";
    /// No tecrax was running.
    NOT_RUNNING = "NotRunning";
    /// tecrax was running and came too late: the machine slept, or had too much to do.
    LATE = "Late";

    // Reactions
    /// The pair is healthy.
    HEALTHY = "Healthy";
    /// A first look that was not healthy is confirmed by a second.
    TO_CONFIRM = "ToConfirm";
    /// The second look agrees.
    CONFIRMED = "Confirmed";
    /// The second look was healthy.
    NOT_CONFIRMED = "NotConfirmed";
    /// The second look asked about one thing and found it well; other confirmed findings of the run stand.
    PARTLY_REFUTED = "PartlyRefuted";
    /// It was confirmed before and has not recovered since.
    STILL_FAILING = "StillFailing";
    /// It was seen, and not yet in as many runs in a row as `confirmations.failures` asks for.
    UNCONFIRMED = "Unconfirmed";
    /// It looks healthy, and not yet in as many runs in a row as `confirmations.recoveries` asks for.
    RECOVERING = "Recovering";
    /// Everything found is accepted by waivers in force.
    ACCEPTED = "Accepted";
    /// A waiver of the Check ends within seven days.
    WAIVER_EXPIRES = "WaiverExpires";
    /// A rule of the reaction pack decides so at once.
    BY_RULE = "ByRule";
    /// No rule of the reaction pack matches; its fallback decides.
    NO_RULE = "NoRule";
    /// The rules ask for a second look that the Target can not answer or that policy does not admit.
    RERUN_REFUSED = "RerunRefused";
    /// The rules ask for more reruns in a row than the reaction pack allows.
    DEPTH_REACHED = "DepthReached";
    /// The rules ask for more reactions to one run than the reaction pack allows.
    BUDGET_REACHED = "BudgetReached";
    /// A rule fired that had fired before in the same chain of reruns.
    CYCLE_DETECTED = "CycleDetected";

    // Escalations
    /// A parent of the Target gives no answer, or did until after the Target was last looked at.
    PARENT_UNREACHABLE = "ParentUnreachable";
    /// The Target gives no answer, and a parent of it has not been looked at since.
    AWAITING_PARENT = "AwaitingParent";
    /// The Target gives no answer, and others may be found to give none either: then one Escalation stands for all of them.
    AWAITING_GROUP = "AwaitingGroup";
    /// A grouped Escalation stands for this one.
    PART_OF_GROUP = "PartOfGroup";
    /// Many Targets give no answer at once.
    MASS_FAILURE = "MassFailure";
}

impl super::ErrorClass {
    /// The reason word of the class.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => UNREACHABLE,
            Self::NameUnresolved => NAME_UNRESOLVED,
            Self::TlsUntrusted => TLS_UNTRUSTED,
            Self::TlsName => TLS_NAME,
            Self::TlsExpired => TLS_EXPIRED,
            Self::TlsFailed => TLS_FAILED,
            Self::HttpStatus => HTTP_STATUS,
            Self::UnexpectedAnswer => UNEXPECTED_ANSWER,
            Self::ApiError => API_ERROR,
            Self::UnknownHostKey => UNKNOWN_HOST_KEY,
            Self::ChangedHostKey => CHANGED_HOST_KEY,
            Self::AuthRefused => AUTH_REFUSED,
            Self::CredentialUnusable => CREDENTIAL_UNUSABLE,
            Self::Timeout => TIMEOUT,
            Self::Interrupted => INTERRUPTED,
            Self::Transient => TRANSIENT,
            Self::OutputCut => OUTPUT_CUT,
            Self::BoundReached => BOUND_REACHED,
            Self::CommandFailed => COMMAND_FAILED,
            Self::Unsupported => UNSUPPORTED,
            Self::NotText => NOT_TEXT,
            Self::NotDeclared => NOT_DECLARED,
            Self::NotInEffect => NOT_IN_EFFECT,
            Self::FixturesNotAllowed => FIXTURES_NOT_ALLOWED,
            Self::NotConfined => NOT_CONFINED,
            Self::Internal => INTERNAL,
        }
    }
}
