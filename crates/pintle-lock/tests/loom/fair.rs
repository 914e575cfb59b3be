//! `FairLock`, over pintle-park's model of a futex. In a model a waiter that is on its way is overtaken
//! once, and the heir sleeps soon, so that each way to leave the lock is gone.

use super::excludes;
use super::futex::{comes_back, gives_up};
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::os::FairLock;

#[test]
fn it_excludes_one_other() {
    excludes(PREEMPTIONS, FairLock::new, 1);
}

/// Exclusion, and no lost wake-up: a sleeper that nobody wakes is a deadlock of the model.
#[test]
fn it_excludes_two_others() {
    excludes(PREEMPTIONS, FairLock::new, 2);
}

#[test]
fn it_excludes_three_others() {
    excludes(if model::full() { 2 } else { 1 }, FairLock::new, 3);
}

/// Who has left the lock takes it again before a waiter is there, once or twice: the second time it is
/// kept for the waiter.
#[test]
fn it_excludes_one_that_comes_back() {
    comes_back(FairLock::new);
}

/// One of the waiters may give up while it is being woken, or while it is the heir.
#[test]
fn a_waiter_that_gives_up_passes_the_lock_on() {
    gives_up(PREEMPTIONS, FairLock::new);
}
