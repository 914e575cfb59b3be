use core::task::Poll;

use super::{Arrival, AtomicWord, Permit, Settle, State, Ticket, Word, must_wait};
use crate::{
    spin::Spinlock,
    wait_queue::{Wait, WaitQueue},
};

fn idle(word: Word) -> Ticket {
    Ticket::idle(word.generation())
}

const WORD: usize = size_of::<usize>();

fn state(word: &AtomicWord) -> State {
    word.load().get(Word::STATE)
}

#[test]
fn the_queue_has_three_words_and_a_wait_six() {
    assert!(size_of::<WaitQueue>() <= 3 * WORD);
    assert!(size_of::<WaitQueue<Spinlock>>() <= 3 * WORD);
    assert_eq!(size_of::<Wait<'_>>(), 6 * WORD);
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    assert_eq!(size_of::<crate::wait_queue::WaitOwned>(), 6 * WORD);
}

#[test]
fn generations_lie_alike_in_both_words() {
    assert_eq!(Word::GENERATION.raw_mask(), Ticket::NOTE.raw_mask());
    assert_eq!(Word::GENERATION.bits(), usize::BITS - 3);
}

#[test]
fn one_comparison_says_who_must_wait() {
    let word = |state, generation| {
        Word::new()
            .with(Word::STATE, state)
            .with(Word::GENERATION, generation)
    };
    let idle = idle(word(State::Woken, 5));
    assert!(must_wait(idle, word(State::Empty, 5)));
    assert!(must_wait(idle, word(State::Waiting, 5)));
    assert!(!must_wait(idle, word(State::Woken, 5)));
    assert!(!must_wait(idle, word(State::Closed, 5)));
    assert!(!must_wait(idle, word(State::Empty, 6)));
    assert!(!must_wait(idle, word(State::Waiting, 4)));
}

#[test]
fn one_wake_up_is_stored() {
    let word = AtomicWord::new();
    assert!(word.take_permit().is_pending());
    assert_eq!(word.store_permit(), Permit::Stored);
    assert_eq!(word.store_permit(), Permit::Stored);
    assert_eq!(word.take_permit(), Poll::Ready(Ok(())));
    assert!(word.take_permit().is_pending());
}

#[test]
fn an_arrival_takes_what_is_stored_or_waits() {
    let word = AtomicWord::new();
    let ticket = idle(word.load());
    assert_eq!(word.store_permit(), Permit::Stored);
    assert_eq!(word.arrive(ticket), Arrival::Woken);
    assert_eq!(word.arrive(ticket), Arrival::Wait);
    assert_eq!(state(&word), State::Empty);
    assert_eq!(word.arrive_locked(ticket, true), Arrival::Wait);
    assert_eq!(state(&word), State::Waiting);
    assert_eq!(word.arrive_locked(ticket, false), Arrival::Wait);
    assert_eq!(state(&word), State::Waiting);
    assert_eq!(word.store_permit(), Permit::Waiting);
    word.end_waiting();
    assert_eq!(state(&word), State::Empty);
}

#[test]
fn an_arrival_from_an_older_generation_is_woken() {
    let word = AtomicWord::new();
    let before = idle(word.load());
    assert_eq!(word.wake_all(), Settle::Settled);
    let after = idle(word.load());
    assert_eq!(word.store_permit(), Permit::Stored);
    assert_eq!(word.arrive(before), Arrival::Woken);
    assert_eq!(state(&word), State::Woken, "it needed no stored wake-up");
    assert_eq!(word.close(), Settle::Settled);
    assert_eq!(word.arrive(before), Arrival::Woken);
    assert_eq!(word.arrive(after), Arrival::Closed);
}

#[test]
fn the_generation_wraps_and_leaves_the_state_alone() {
    let word = AtomicWord::new();
    let first = idle(word.load());
    assert_eq!(word.store_permit(), Permit::Stored);
    let last = Word::from_bits(Word::GENERATION.raw_mask()).with(Word::STATE, State::Woken);
    let word = AtomicWord::from_word(last);
    assert_eq!(word.arrive(first), Arrival::Woken);
    assert_eq!(state(&word), State::Woken);
    assert_eq!(word.wake_all(), Settle::Settled);
    assert_eq!(word.load().get(Word::GENERATION), 0);
    assert_eq!(state(&word), State::Woken);
    // What wrapping means: a whole turn later, an unpolled waiter waits for the next wake-up.
    assert_eq!(word.take_permit(), Poll::Ready(Ok(())));
    assert_eq!(word.arrive(first), Arrival::Wait);
}

#[test]
fn with_waiters_only_the_lock_settles() {
    let word = AtomicWord::new();
    assert_eq!(word.arrive_locked(idle(word.load()), true), Arrival::Wait);
    let before = word.load();
    assert_eq!(word.wake_all(), Settle::Waiting);
    assert_eq!(word.close(), Settle::Waiting);
    assert!(word.load() == before);
    assert_eq!(word.wake_all_locked(), Settle::Waiting);
    assert_eq!(state(&word), State::Empty);
    assert_eq!(word.load().get(Word::GENERATION), 1);
}

#[test]
fn nothing_leads_out_of_closed() {
    let word = AtomicWord::new();
    let ticket = idle(word.load());
    assert_eq!(word.arrive_locked(ticket, true), Arrival::Wait);
    assert_eq!(word.close_locked(), Settle::Waiting);
    let closed = word.load();
    assert_eq!(word.store_permit(), Permit::Closed);
    assert!(word.take_permit().is_ready());
    assert_eq!(word.wake_all(), Settle::Settled);
    assert_eq!(word.wake_all_locked(), Settle::Settled);
    assert_eq!(word.close(), Settle::Settled);
    assert_eq!(word.arrive(ticket), Arrival::Closed);
    assert_eq!(word.arrive_locked(ticket, true), Arrival::Closed);
    assert!(word.load() == closed);
}
