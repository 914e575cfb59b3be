use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};

use super::{ALL, RwLock};
use crate::{permits::Take, spin::Spinlock};

/// As many readers as that cannot be had by reading.
#[test]
fn one_reader_too_many_waits() {
    let lock = RwLock::new_with_raw_mutex(7, Spinlock::new());
    assert_eq!(lock.permits.take(ALL - 1), Take::Taken);
    let last = lock.try_read();
    assert!(last.is_some());
    assert!(lock.try_read().is_none());
    assert!(lock.try_write().is_none());
    let mut cx = Context::from_waker(Waker::noop());
    let mut one_more = pin!(lock.read());
    assert!(one_more.as_mut().poll(&mut cx).is_pending());
    drop(last);
    assert!(one_more.as_mut().poll(&mut cx).is_ready());
    lock.permits.give(ALL - 1);
    assert!(lock.try_write().is_some());
}
