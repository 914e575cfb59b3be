//! `CancellationToken`, stepped by hand.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{
    future::{pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use pintle_sync::{CancellationToken, cancellation::WaitForCancellationFutureOwned};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    cancelling_wakes_all_who_wait,
    a_completed_wait_stays_completed,
    another_waker_replaces_the_first,
    dropping_a_wait_leaves_the_others,
    children_are_cancelled_with_their_parent_and_not_the_other_way_round,
    a_child_of_a_cancelled_token_is_cancelled,
    a_clone_is_the_same_token,
    children_outlive_their_parent_and_stay_below_its_parent,
    deep_and_wide_trees_need_no_stack,
    guards_cancel_unless_they_are_disarmed,
    a_future_runs_until_its_token_is_cancelled,
    a_waker_may_use_the_tokens,
    a_wake_that_panics_does_not_keep_the_others_from_waking,
];

type Token<L> = CancellationToken<L>;
type Waiting<L> = (Pin<Box<WaitForCancellationFutureOwned<L>>>, Arc<Probe>);

fn waiting<L: Lock>(token: &Token<L>) -> Waiting<L> {
    let (mut wait, task) = (Box::pin(token.clone().cancelled_owned()), Probe::new());
    assert!(poll(wait.as_mut(), &task).is_pending());
    (wait, task)
}

fn cancelling_wakes_all_who_wait<L: Lock>() {
    for n in [0, 1, 16, 40] {
        let token = Token::<L>::default();
        let waits: Vec<_> = (0..n).map(|_| waiting(&token)).collect();
        assert!(!token.is_cancelled());
        token.cancel();
        token.cancel();
        assert!(token.is_cancelled());
        for (mut wait, task) in waits {
            assert_eq!((task.wakes(), task.live()), (1, 0));
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
        assert!(poll(pin!(token.cancelled()), &Probe::new()).is_ready());
    }
}

fn a_completed_wait_stays_completed<L: Lock>() {
    let token = Token::<L>::default();
    let (mut owned, task) = waiting(&token);
    let mut borrowed = pin!(token.cancelled());
    assert!(poll(borrowed.as_mut(), &task).is_pending());
    token.cancel();
    for _ in 0..3 {
        assert!(poll(owned.as_mut(), &task).is_ready());
        assert!(poll(borrowed.as_mut(), &task).is_ready());
    }
    assert_eq!(task.wakes(), 2);
}

fn another_waker_replaces_the_first<L: Lock>() {
    let token = Token::<L>::default();
    let (mut wait, first) = waiting(&token);
    let second = Probe::new();
    for _ in 0..3 {
        assert!(poll(wait.as_mut(), &second).is_pending());
    }
    token.cancel();
    assert_eq!((first.wakes(), first.live(), second.wakes()), (0, 0, 1));
}

fn dropping_a_wait_leaves_the_others<L: Lock>() {
    let token = Token::<L>::default();
    for dropped in 0..3 {
        let mut waits: Vec<_> = (0..3).map(|_| waiting(&token)).collect();
        let (_, task) = waits.remove(dropped);
        assert_eq!((task.wakes(), task.live()), (0, 0));
        let child = token.child_token();
        let _last = waiting(&child);
    }
    let mut waits: Vec<_> = (0..40).map(|_| waiting(&token)).collect();
    // One whose turn has not come when the first is woken.
    let (leaving, left) = waits.remove(30);
    let mut leaving = Some(leaving);
    waits[0].1.on_wake(move || drop(leaving.take()));
    token.cancel();
    assert_eq!(left.wakes(), 0);
    assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
}

fn children_are_cancelled_with_their_parent_and_not_the_other_way_round<L: Lock>() {
    let root = Token::<L>::default();
    let (left, right) = (root.child_token(), root.child_token());
    let leaf = left.child_token();
    let tokens = [&root, &left, &right, &leaf];
    let waits = tokens.map(|token| waiting(token));
    let now = || tokens.map(|token| token.is_cancelled());
    let wakes = || [0, 1, 2, 3].map(|n| waits[n].1.wakes());
    left.cancel();
    assert_eq!(now(), [false, true, false, true]);
    assert_eq!(wakes(), [0, 1, 0, 1]);
    root.cancel();
    assert_eq!(now(), [true; 4]);
    assert_eq!(wakes(), [1; 4]);
}

fn a_child_of_a_cancelled_token_is_cancelled<L: Lock>() {
    let token = Token::<L>::default();
    token.cancel();
    let child = token.child_token();
    assert!(child.is_cancelled());
    assert!(child.child_token().is_cancelled());
    assert!(poll(pin!(child.cancelled()), &Probe::new()).is_ready());
}

fn a_clone_is_the_same_token<L: Lock>() {
    let token = Token::<L>::default();
    let child = token.child_token();
    token.clone().cancel();
    assert!(token.is_cancelled() && child.is_cancelled());
    assert!(format!("{token:?}").contains("true"));
}

fn children_outlive_their_parent_and_stay_below_its_parent<L: Lock>() {
    let root = Token::<L>::default();
    let middle = root.child_token();
    let leaves = [middle.child_token(), middle.child_token()];
    let (_wait, task) = waiting(&leaves[1]);
    drop(middle);
    let late = leaves[0].child_token();
    assert!(!leaves[0].is_cancelled());
    root.cancel();
    assert!(leaves.iter().all(Token::is_cancelled));
    assert!(late.is_cancelled());
    assert_eq!(task.wakes(), 1);

    // The root goes: each is the root of its own, though they share a lock.
    let root = Token::<L>::default();
    let (one, other) = (root.child_token(), root.child_token());
    let below = one.child_token();
    drop(root);
    one.cancel();
    assert!(below.is_cancelled() && !other.is_cancelled());
    other.cancel();
    assert!(other.is_cancelled());
    // A future alone keeps its token.
    let root = Token::<L>::default();
    let (mut wait, task) = waiting(&root.child_token());
    root.cancel();
    assert!(poll(wait.as_mut(), &task).is_ready());
}

fn deep_and_wide_trees_need_no_stack<L: Lock>() {
    const N: usize = 20_000;
    for cancel in [false, true] {
        let root = Token::<L>::default();
        let mut chain = vec![root.clone()];
        for n in 0..N {
            chain.push(chain[n].child_token());
        }
        let wide: Vec<_> = (0..N).map(|_| root.child_token()).collect();
        let (_wait, task) = waiting(&chain[N]);
        if cancel {
            root.cancel();
            assert!(chain.iter().chain(&wide).all(Token::is_cancelled));
            assert_eq!(task.wakes(), 1);
        } else {
            let last = chain.pop().unwrap();
            drop(root);
            drop(chain);
            assert!(!last.is_cancelled() && !wide[0].is_cancelled());
        }
    }
}

fn guards_cancel_unless_they_are_disarmed<L: Lock>() {
    let token = Token::<L>::default();
    let kept = token.clone().drop_guard().disarm();
    assert!(!kept.is_cancelled());
    let child = token.child_token();
    drop(child.clone().drop_guard());
    assert!(child.is_cancelled() && !token.is_cancelled());
    let guard = token.clone().drop_guard();
    let panics = move || {
        let _guard = guard;
        panic!("with a guard");
    };
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    assert!(token.is_cancelled());
}

fn a_future_runs_until_its_token_is_cancelled<L: Lock>() {
    let (token, task) = (Token::<L>::default(), Probe::new());
    let done = pin!(token.run_until_cancelled(ready(1)));
    assert_eq!(poll(done, &task), Poll::Ready(Some(1)));

    let mut runs = pin!(token.run_until_cancelled(pending::<u8>()));
    assert!(poll(runs.as_mut(), &task).is_pending());
    let mut owned = pin!(token.clone().run_until_cancelled_owned(pending::<u8>()));
    assert!(poll(owned.as_mut(), &task).is_pending());
    // Both happen between two polls: the result is not lost.
    let mut polls = 0;
    let second = poll_fn(|_| {
        polls += 1;
        if polls == 2 {
            Poll::Ready(2)
        } else {
            Poll::Pending
        }
    });
    let mut both = pin!(token.run_until_cancelled(second));
    assert!(poll(both.as_mut(), &task).is_pending());
    token.cancel();
    assert_eq!(task.wakes(), 3);
    assert_eq!(poll(runs, &task), Poll::Ready(None));
    assert_eq!(poll(owned, &task), Poll::Ready(None));
    assert_eq!(poll(both, &task), Poll::Ready(Some(2)));

    let never = poll_fn(|_| -> Poll<u8> { panic!("polled though it is cancelled") });
    assert_eq!(
        poll(pin!(token.run_until_cancelled(never)), &task),
        Poll::Ready(None)
    );
}

fn a_waker_may_use_the_tokens<L: Lock>() {
    let root = Token::<L>::default();
    let child = root.child_token();
    let uses = |token: &Token<L>| {
        let token = token.clone();
        move || {
            let below = token.child_token();
            let _ = poll(pin!(below.cancelled()), &Probe::new());
            let _ = poll(pin!(token.cancelled()), &Probe::new());
            drop(below);
        }
    };
    let (mut wait, task) = waiting(&child);
    task.on_clone(uses(&child));
    task.on_drop(uses(&root));
    let other = Probe::new();
    other.on_clone(uses(&child));
    assert!(poll(wait.as_mut(), &other).is_pending());
    assert!(poll(wait.as_mut(), &task).is_pending());
    task.on_wake({
        let (uses, root) = (uses(&child), root.clone());
        move || {
            assert!(root.is_cancelled());
            root.cancel();
            uses();
        }
    });
    root.cancel();
    assert_eq!(task.wakes(), 1);
    for probe in [&task, &other] {
        probe.disarm();
    }
}

fn a_wake_that_panics_does_not_keep_the_others_from_waking<L: Lock>() {
    for bad in [0, 15, 16, 39] {
        let root = Token::<L>::default();
        let waits: Vec<_> = (0..40).map(|_| waiting(&root.child_token())).collect();
        waits[bad].1.on_wake(|| panic!("no wake"));
        assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
        assert!(waits.iter().all(|(_, task)| task.wakes() == 1));
    }
}
