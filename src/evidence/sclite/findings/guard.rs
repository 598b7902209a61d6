//! The guard and its key.

use super::super::guard::GuardKey;
use super::super::layout::GUARD;
use super::FindingCode;
use super::case::Case;

pub(super) fn inspect(case: &mut Case<'_>, key: Option<&GuardKey>) {
    let Some(key) = key else { return };
    if key.is_short() {
        let message = format!("the key has fewer than {} bytes; other verifiers refuse it", GuardKey::MIN_LENGTH);
        case.find(FindingCode::GuardKeyShort, GUARD, message);
    }
    if !case.files.bundle().contains(GUARD) {
        case.find(FindingCode::GuardMissing, GUARD, "a key was given and there is no guard; it may have been taken away");
    }
}
