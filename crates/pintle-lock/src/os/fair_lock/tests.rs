//! Steps of the word that no model of few threads comes to, and what its futex does not do: that one
//! counts whom it wakes, and tells them so.
#![cfg(not(loom))]

use super::word::{Arrival, Awake, Bed, Exit, Nomination, Word};

/// A lock that is held while `waiters` sleep.
fn held(waiters: usize) -> Word {
    let word = Word::new();
    assert!(word.try_lock());
    for _ in 0..waiters {
        assert_eq!(word.arrive(), Arrival::Wait);
        assert!(matches!(word.prepare_sleep(false), Bed::Sleep(_)));
    }
    word
}

/// Where the platform does not count, a wake may have ended the sleep of one whose time was up. Then the
/// holder wakes the next one.
#[test]
fn a_nomination_of_one_that_gives_up_is_made_again() {
    let word = held(2);
    assert_eq!(word.leave(Nomination::NotTried), Exit::Nominate);
    assert!(!word.give_up(false));
    assert_eq!(word.leave(Nomination::NobodySlept), Exit::Nominate);
    assert_eq!(word.leave(Nomination::NobodySlept), Exit::Left);
}

/// From the wake until the one that was woken gets the lock it is left to others as often as the docs
/// promise, and not once more.
#[test]
fn a_waiter_on_its_way_is_overtaken_2048_times() {
    let word = held(1);
    assert_eq!(word.leave(Nomination::NotTried), Exit::Nominate);
    for _ in 0..2048 {
        assert_eq!(word.leave(Nomination::OneWoken), Exit::Left);
        assert!(word.try_lock(), "it is left to anybody");
    }
    assert_eq!(word.leave(Nomination::OneWoken), Exit::Left);
    assert!(!word.try_lock(), "it is kept for the waiter");
    assert_eq!(word.wake_up(false), Awake::Locked);
    assert!(word.is_locked() && word.has_no_waiters());
}

/// The heir of a lock that one more waits for.
fn with_heir() -> Word {
    let word = held(2);
    assert_eq!(word.leave(Nomination::NotTried), Exit::Nominate);
    assert_eq!(word.wake_up(false), Awake::Heir);
    word
}

#[test]
fn a_heir_that_gives_up_takes_what_was_handed_over() {
    let word = with_heir();
    assert_eq!(word.leave(Nomination::OneWoken), Exit::Left);
    assert!(word.give_up(true), "it is the heir's, and nobody else's");
}

#[test]
fn nothing_is_handed_to_a_heir_that_has_given_up() {
    let word = with_heir();
    assert!(!word.give_up(true));
    assert_eq!(word.leave(Nomination::OneWoken), Exit::Nominate);
}
