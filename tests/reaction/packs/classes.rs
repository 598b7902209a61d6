//! Every class of failure. A new one does not compile until it stands here.

use tecrax::api::ErrorClass;

/// The class after `class`.
const fn next(class: ErrorClass) -> Option<ErrorClass> {
    use ErrorClass as C;
    Some(match class {
        C::Unreachable => C::NameUnresolved,
        C::NameUnresolved => C::TlsUntrusted,
        C::TlsUntrusted => C::TlsName,
        C::TlsName => C::TlsExpired,
        C::TlsExpired => C::TlsFailed,
        C::TlsFailed => C::UnknownHostKey,
        C::UnknownHostKey => C::ChangedHostKey,
        C::ChangedHostKey => C::AuthRefused,
        C::AuthRefused => C::CredentialUnusable,
        C::CredentialUnusable => C::Timeout,
        C::Timeout => C::Interrupted,
        C::Interrupted => C::Transient,
        C::Transient => C::OutputCut,
        C::OutputCut => C::BoundReached,
        C::BoundReached => C::CommandFailed,
        C::CommandFailed => C::Unsupported,
        C::Unsupported => C::NotText,
        C::NotText => C::HttpStatus,
        C::HttpStatus => C::UnexpectedAnswer,
        C::UnexpectedAnswer => C::ApiError,
        C::ApiError => C::NotDeclared,
        C::NotDeclared => C::NotInEffect,
        C::NotInEffect => C::FixturesNotAllowed,
        C::FixturesNotAllowed => C::NotConfined,
        C::NotConfined => C::Internal,
        C::Internal => return None,
    })
}

/// All of them.
pub fn all() -> Vec<ErrorClass> {
    std::iter::successors(Some(ErrorClass::Unreachable), |class| next(*class)).collect()
}

/// Those that another look may find gone. Of the others a second look learns nothing, or does harm.
pub const PASSING: [ErrorClass; 9] = [
    ErrorClass::Unreachable,
    ErrorClass::NameUnresolved,
    ErrorClass::Timeout,
    ErrorClass::Interrupted,
    ErrorClass::Transient,
    ErrorClass::CommandFailed,
    ErrorClass::HttpStatus,
    ErrorClass::UnexpectedAnswer,
    ErrorClass::ApiError,
];
