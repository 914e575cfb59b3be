use super::{AtomicWord, Close, Give, Take, Word};

/// A word that says that somebody waits.
fn waiting(permits: usize) -> AtomicWord {
    let word = AtomicWord::new(permits);
    assert_eq!(word.take_or_wait(permits + 1), Take::Short);
    assert!(word.load().is_waiting());
    word
}

#[test]
fn there_may_be_as_many_permits_as_in_tokio() {
    assert_eq!(Word::MAX, usize::MAX >> 3);
    assert_eq!(Word::of(Word::MAX).permits(), Word::MAX);
    assert!(Word::ONE == Word::of(1) && Word::NONE == Word::of(0));
}

#[test]
fn permits_are_taken_and_given() {
    let word = AtomicWord::new(3);
    assert_eq!(word.take(2), Take::Taken);
    assert_eq!(word.take(2), Take::Short);
    assert_eq!(word.take(1), Take::Taken);
    assert_eq!(word.take(0), Take::Taken);
    assert_eq!(word.give(4), Give::Given);
    assert_eq!(word.load().available(), 4);
    assert_eq!(word.remove(3), 3);
    assert_eq!(word.remove(3), 1);
}

#[test]
fn who_waits_keeps_what_there_is() {
    let word = waiting(3);
    assert_eq!(word.take(1), Take::Short);
    assert_eq!(word.take(0), Take::Taken);
    assert_eq!(word.take_or_wait(1), Take::Short);
    assert_eq!(word.give(1), Give::Waiting);
    assert_eq!(word.try_give(1), Give::Waiting);
    assert_eq!(word.close(), Close::Waiting);
    assert_eq!(word.remove(1), 0);
    assert_eq!(word.load().available(), 0);
    assert_eq!(word.exclusive().permits(), 3);
    word.set(word.exclusive().nobody_waits());
    assert_eq!(word.take(3), Take::Taken);
}

#[test]
fn the_only_permit() {
    let word = AtomicWord::new(1);
    assert_eq!(word.take_only(), Take::Taken);
    assert_eq!(word.take_only(), Take::Short);
    assert_eq!(word.give_only(), Give::Given);
    assert_eq!(word.take(1), Take::Taken);
    assert_eq!(word.take_or_wait(1), Take::Short);
    assert_eq!(word.give_only(), Give::Waiting);
    assert_eq!(word.take_only(), Take::Short);
}

#[test]
fn closed_is_for_good() {
    let word = AtomicWord::new(3);
    assert_eq!(word.close(), Close::Settled);
    assert_eq!(word.take(1), Take::Closed);
    assert_eq!(word.take(0), Take::Closed);
    assert_eq!(word.take_or_wait(4), Take::Closed);
    assert_eq!(word.give(1), Give::Given);
    assert_eq!(word.take(1), Take::Closed);
    assert_eq!(word.load().available(), 0);
    assert_eq!(word.close(), Close::Settled);
    assert!(word.load().is_closed());
}

/// Defect 17: an overflow closed the semaphore.
#[test]
fn too_many_permits_change_nothing_but_the_count() {
    for closed in [false, true] {
        let word = AtomicWord::new(Word::MAX - 1);
        if closed {
            assert_eq!(word.close(), Close::Settled);
        }
        assert_eq!(word.try_give(2), Give::TooMany);
        assert_eq!(word.try_give(usize::MAX), Give::TooMany);
        assert_eq!(word.load().permits(), Word::MAX - 1);
        assert_eq!(word.try_give(1), Give::Given);
        assert_eq!(word.give(usize::MAX), Give::Given);
        assert_eq!(word.load().permits(), Word::MAX);
        assert_eq!(word.load().is_closed(), closed);
        assert!(!word.load().is_waiting());
    }
}
