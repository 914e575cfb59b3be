//! Mostly for Miri, which sees when a borrow is disturbed.

use super::*;
use core::{cell::Cell, future::pending, task::Waker};

#[test]
fn a_future_that_borrows_from_itself_is_dropped_undisturbed() {
    /// Writes by an exclusive borrow when it is dropped.
    struct Increment<'a>(&'a mut u32, &'a Cell<u32>);

    impl Drop for Increment<'_> {
        fn drop(&mut self) {
            *self.0 += 1;
            self.1.set(*self.0);
        }
    }

    let seen = Cell::new(0);
    let mut stage = Stage::new(async {
        let mut count = 1;
        let _increment = Increment(&mut count, &seen);
        pending::<()>().await;
    });
    let stage = &raw mut stage;
    let mut cx = Context::from_waker(Waker::noop());
    // SAFETY: nobody else has the stage, and it stays where it is.
    assert!(unsafe { Stage::poll(stage, &mut cx) }.is_pending());
    // SAFETY: as above.
    unsafe { Stage::clear(stage) };
    assert_eq!(seen.get(), 2);
    // SAFETY: as above.
    assert!(unsafe { (*stage).tag } == Tag::Canceled);
}
