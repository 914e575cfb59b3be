use super::{AtomicState, Begin, Close, Consume, Finish, Holder, State, Wake};
use crate::WaitCell;

#[test]
fn three_words() {
    assert_eq!(size_of::<WaitCell>(), 3 * size_of::<usize>());
}

#[test]
fn the_words_that_hot_paths_compare_are_what_with_builds() {
    let slot = |holder| State::new().with(State::SLOT, holder);
    assert!(State::EMPTY == slot(Holder::Empty));
    assert!(State::REGISTERING == slot(Holder::Registering));
    assert!(State::WAITING == slot(Holder::Waiting));
    assert!(State::TAKING == slot(Holder::Taking));
    assert!(State::WOKEN_BIT == State::new().with(State::WOKEN, true));
    assert!(State::WAKING == slot(Holder::Taking).with(State::WOKEN, true));
    // `release` clears the slot by its mask.
    assert_eq!(State::TAKING.bits(), State::SLOT.raw_mask());
}

#[test]
fn a_registration_is_seen_by_the_wake_up_that_follows() {
    let state = AtomicState::new();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Vacant);
    assert_eq!(state.finish_register(), Finish::Waiting);
    assert_eq!(state.wake(), Wake::Take);
    state.release();
    assert_eq!(state.consume(), Consume::Consumed);
    assert_eq!(state.consume(), Consume::Nothing);
}

#[test]
fn a_wake_up_in_the_middle_of_a_registration_is_seen_by_it() {
    let state = AtomicState::new();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Vacant);
    assert_eq!(state.wake(), Wake::Stored);
    assert_eq!(state.finish_register(), Finish::Woken);
    state.release();
    assert_eq!(state.consume(), Consume::Consumed);
}

#[test]
fn closing_in_the_middle_of_a_registration_is_seen_by_it() {
    let state = AtomicState::new();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Vacant);
    assert_eq!(state.wake(), Wake::Stored);
    assert_eq!(state.close(), Close::Closed);
    assert_eq!(state.finish_register(), Finish::Closed);
    state.release();
    assert_eq!(state.consume(), Consume::Closed);
    assert_eq!(state.begin_register(State::EMPTY), Begin::Closed);
}

#[test]
fn the_slot_has_one_holder() {
    let state = AtomicState::new();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Vacant);
    assert_eq!(state.begin_register(State::EMPTY), Begin::Busy);
    assert_eq!(state.finish_register(), Finish::Waiting);
    assert_eq!(state.begin_register(State::WAITING), Begin::Occupied);
    assert_eq!(state.finish_register(), Finish::Waiting);
    assert_eq!(state.wake(), Wake::Take);
    // The wake-up may be consumed while the waker is still being taken out …
    assert_eq!(state.consume(), Consume::Consumed);
    // … but nobody can register yet, and another wake-up finds no waker.
    assert_eq!(state.begin_register(State::EMPTY), Begin::Busy);
    assert_eq!(state.wake(), Wake::Stored);
    state.release();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Woken);
}

#[test]
fn nothing_leads_out_of_closed() {
    let state = AtomicState::new();
    assert_eq!(state.begin_register(State::EMPTY), Begin::Vacant);
    assert_eq!(state.finish_register(), Finish::Waiting);
    assert_eq!(state.close(), Close::Take);
    assert!(state.load().is_closed());
    assert_eq!(state.wake(), Wake::Closed);
    assert_eq!(state.close(), Close::AlreadyClosed);
    state.release();
    assert_eq!(state.wake(), Wake::Closed);
    assert_eq!(state.consume(), Consume::Closed);
    assert!(state.load().is_closed());
    assert!(!state.load().is_woken());
}
