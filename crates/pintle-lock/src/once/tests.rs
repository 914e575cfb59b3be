use super::cell::Once;
use super::state::{AtomicState, Begin, Phase, State, Wake};
use super::waiting::{Spin, Waiting};
extern crate std;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn the_words_that_are_compared_whole() {
    assert!(State::EMPTY == State::of(Phase::Empty, false));
    assert!(State::FULL == State::of(Phase::Full, false));
}

/// Every transition from every state.
#[test]
fn transitions() {
    let at = |phase, awaited| AtomicState::new(State::of(phase, awaited));
    for awaited in [false, true] {
        let wake = if awaited {
            Wake::Everybody
        } else {
            Wake::Nobody
        };

        let state = at(Phase::Empty, awaited);
        assert!(!state.is_full());
        assert_eq!(state.begin(), Begin::Begun(()));
        assert_eq!(state.phase(), Phase::Filling);
        assert_eq!(state.begin(), Begin::Filling);
        assert!(!state.is_full());
        // Who waited before it began is woken by its end.
        assert_eq!(state.finish(), wake);
        assert!(state.is_full());
        assert_eq!(state.begin(), Begin::Full);

        let state = at(Phase::Filling, awaited);
        assert_eq!(state.abandon(), wake);
        assert_eq!(state.phase(), Phase::Empty);
        assert_eq!(state.begin(), Begin::Begun(()));
        assert_eq!(state.finish(), Wake::Nobody);
    }
    assert!(at(Phase::Full, false).empty());
    assert!(!at(Phase::Empty, true).empty());
}

#[cfg(feature = "os")]
#[test]
fn who_is_about_to_sleep_is_seen() {
    let state = AtomicState::new(State::EMPTY);
    assert!(state.await_change(Phase::Filling).is_none());
    assert!(state.await_change(Phase::Empty) == Some(State::of(Phase::Empty, true)));
    assert_eq!(state.begin(), Begin::Begun(()));
    assert!(state.await_change(Phase::Empty).is_none());
    assert_eq!(state.finish(), Wake::Everybody);
    assert!(state.await_change(Phase::Filling).is_none());
    assert!(state.is_full());
}

std::thread_local! {
    static WOKEN: Cell<usize> = const { Cell::new(0) };
}

/// Counts the calls that wake, and never waits.
#[derive(Default)]
struct Counting;

impl Waiting for Counting {
    fn wait(&mut self, _: &AtomicState, _: Phase) {
        unreachable!("there is one thread");
    }

    fn wake_all(_: &AtomicState) {
        WOKEN.set(WOKEN.get() + 1);
    }
}

#[test]
fn nobody_is_woken_who_does_not_sleep() {
    let once = Once::<u8, Counting>::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        once.get_or_init(|| panic!("on purpose"))
    }));
    assert!(panicked.is_err());
    assert_eq!(once.get_or_try_init(|| Err("no")), Err("no"));
    assert_eq!(once.phase(), Phase::Empty);
    assert_eq!(once.get_or_init(|| 7), &7);
    assert_eq!(once.get_or_init(|| unreachable!()), &7);
    assert_eq!(once.wait(), &7);
    assert_eq!(WOKEN.get(), 0);
}

#[test]
fn a_slot_that_was_taken_from_is_a_new_one() {
    let mut once = Once::<_, Spin>::with_value(std::string::String::from("one"));
    assert_eq!(once.get_mut().map(|value| value.push('!')), Some(()));
    assert_eq!(once.take().as_deref(), Some("one!"));
    assert_eq!(once.take(), None);
    assert_eq!(once.get(), None);
    assert_eq!(once.get_or_init(|| "two".into()), "two");
}

#[test]
fn one_begins_at_a_time() {
    let once = Once::<u8, Spin>::new();
    let Begin::Begun(filling) = once.begin() else {
        panic!("nobody fills it");
    };
    assert!(matches!(once.begin(), Begin::Filling));
    drop(filling);
    let Begin::Begun(filling) = once.begin() else {
        panic!("it was given back");
    };
    assert_eq!(filling.finish(1), &1);
    assert!(matches!(once.begin(), Begin::Full));
}
