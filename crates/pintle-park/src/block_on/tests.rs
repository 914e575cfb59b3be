extern crate std;

use super::block_on;
use crate::{Park, Unpark};
use core::{
    cell::Cell,
    future::{pending, poll_fn, ready},
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::{
    panic::{catch_unwind, panic_any},
    rc::Rc,
    string::String,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Wake,
};

/// A parker that counts instead of sleeping. Sleep that nothing would end is a panic.
#[derive(Default)]
struct Counting {
    parks: Cell<usize>,
    /// So many times `park` returns though there is no token.
    spurious: Cell<usize>,
    token: Arc<Token>,
}

#[derive(Default)]
struct Token(AtomicBool);

#[derive(Clone)]
struct CountingUnparker(Arc<Token>);

/// What [`Counting`] panics with.
#[derive(Debug, PartialEq)]
struct AsleepForEver;

// === impl Counting ===

impl Counting {
    fn has_token(&self) -> bool {
        self.token.0.load(Relaxed)
    }
}

impl Park for Counting {
    type Unparker = CountingUnparker;

    fn park(&self) {
        self.parks.set(self.parks.get() + 1);
        if self.token.0.swap(false, Relaxed) {
            return;
        }
        match self.spurious.get().checked_sub(1) {
            Some(left) => self.spurious.set(left),
            None => panic_any(AsleepForEver),
        }
    }

    fn unparker(&self) -> CountingUnparker {
        CountingUnparker(self.token.clone())
    }
}

// === impl CountingUnparker ===

impl Unpark for CountingUnparker {
    fn unpark(&self) {
        self.0.wake_by_ref();
    }
}

impl From<CountingUnparker> for Waker {
    fn from(unparker: CountingUnparker) -> Self {
        unparker.0.into()
    }
}

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// Waits `times` times, having woken itself, and counts how often it is polled.
fn wakes_itself(times: usize, polls: &Cell<usize>) -> impl Future<Output = &'static str> {
    poll_fn(move |context| {
        polls.set(polls.get() + 1);
        if polls.get() > times {
            return Poll::Ready("done");
        }
        // Two that count as one.
        context.waker().wake_by_ref();
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn what_is_ready_needs_no_park() {
    let park = Counting::default();
    assert_eq!(block_on(&park, ready(1)), 1);
    assert_eq!(park.parks.get(), 0);
}

#[test]
fn each_wait_is_one_park_and_each_park_one_poll() {
    let park = Counting::default();
    let polls = Cell::new(0);
    assert_eq!(block_on(&park, wakes_itself(3, &polls)), "done");
    assert_eq!((park.parks.get(), polls.get()), (3, 4));
    assert!(!park.has_token());
}

#[test]
fn a_park_that_returns_for_no_reason_is_a_poll() {
    let park = Counting::default();
    park.spurious.set(2);
    let mut polls = 0;
    let third = poll_fn(|_| {
        polls += 1;
        if polls == 3 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    block_on(&park, third);
    assert_eq!(park.parks.get(), 2);
}

#[test]
fn a_token_from_before_costs_one_poll() {
    let park = Counting::default();
    park.unparker().unpark();
    assert_eq!(block_on(&park, ready(1)), 1);
    assert!(park.has_token(), "what is ready takes none");

    // It has not asked to be woken yet when it is polled again.
    let mut polls = 0;
    let late = poll_fn(|context| {
        polls += 1;
        match polls {
            1 => Poll::Pending,
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    });
    block_on(&park, late);
    assert_eq!(park.parks.get(), 2);
}

#[test]
fn nobody_wakes_what_has_not_asked_for_it() {
    let park = Counting::default();
    let asleep = catch_unwind(AssertUnwindSafe(|| block_on(&park, pending::<()>())));
    assert_eq!(
        *asleep.unwrap_err().downcast::<AsleepForEver>().unwrap(),
        AsleepForEver
    );
    assert_eq!(park.parks.get(), 1);
}

/// Neither `Send` nor `Unpin`, and its output is borrowed.
#[test]
fn any_future_and_any_output() {
    let park = Counting::default();
    let text = Rc::new(String::from("here"));
    let output: &str = block_on(&park, async {
        let polls = Cell::new(0);
        wakes_itself(1, &polls).await;
        text.as_str()
    });
    assert_eq!(output, "here");
}

#[test]
fn a_reference_to_a_park_is_a_park() {
    let park = Counting::default();
    let polls = Cell::new(0);
    assert_eq!(block_on(&&park, wakes_itself(1, &polls)), "done");
    assert_eq!(park.parks.get(), 1);
}

/// A panic of the future reaches the caller; the future is dropped, the waker, too, and the park is of use.
#[test]
fn a_future_that_panics() {
    struct Panics<'a> {
        polled: bool,
        dropped: &'a Cell<bool>,
    }

    impl Future for Panics<'_> {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            context.waker().wake_by_ref();
            if core::mem::replace(&mut self.polled, true) {
                panic_any("the future's");
            }
            Poll::Pending
        }
    }

    impl Drop for Panics<'_> {
        fn drop(&mut self) {
            self.dropped.set(true);
        }
    }

    let park = Counting::default();
    let dropped = Cell::new(false);
    let panics = Panics {
        polled: false,
        dropped: &dropped,
    };
    let payload = catch_unwind(AssertUnwindSafe(|| block_on(&park, panics))).unwrap_err();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "the future's");
    assert!(dropped.get());
    assert_eq!(Arc::strong_count(&park.token), 1, "the waker is gone");

    // The second poll has left its token.
    assert!(park.has_token());
    let polls = Cell::new(0);
    assert_eq!(block_on(&park, wakes_itself(1, &polls)), "done");
    assert_eq!(polls.get(), 2);
}
