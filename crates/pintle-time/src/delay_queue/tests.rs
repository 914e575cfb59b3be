//! What takes too long to come about from outside.

use super::storage::Slots;
use super::{DelayQueue, Fixed};
use crate::{Clock, Duration, Timer};

/// A slot that has been vacated 2³² times begins anew, and the key of its last value is stale.
#[test]
fn generations_wrap_round() {
    let timer: Timer = Timer::new(Clock::new(Duration::from_millis(1), || 0));
    let mut queue: DelayQueue<'_, _, Fixed<_, 1>> = DelayQueue::fixed(&timer);
    queue.slots.slots_mut()[0].generation = u32::MAX;
    let last = queue.insert("last", Duration::ZERO);
    assert_eq!(queue.remove(&last).into_inner(), "last");
    let first = queue.insert("first", Duration::ZERO);
    assert_ne!(first, last);
    assert!(queue.try_remove(&last).is_none());
    assert_eq!(queue.remove(&first).into_inner(), "first");
}
