//! `FutexLock`, over pintle-park's model of a futex.

use super::excludes;
use pintle_core::model::PREEMPTIONS;
use pintle_lock::os::FutexLock;

#[test]
fn it_excludes_one_other() {
    excludes(PREEMPTIONS, FutexLock::new, 1);
}

/// Exclusion, and no lost wake-up: a sleeper that nobody wakes is a deadlock of the model.
#[test]
fn it_excludes_two_others() {
    excludes(PREEMPTIONS, FutexLock::new, 2);
}
