//! The same with what the kernel takes.

use core::{num::NonZeroU32, time::Duration};
use pintle_park::Deadline;
use pintle_park::linux::futex::*;

fn main() {
    let (private, other) = (Futex::<Private>::new(1), Futex::<Private>::new(1));
    let soon = Duration::from_millis(1);
    let _ = private.lock_pi2(Deadline::after(soon));
    let _ = private.wait_timeout(0, soon);
    let _ = private.wait_bitset(0, NonZeroU32::MAX, RealtimeDeadline::after(soon));
    let _ = private.wait_bitset(0, NonZeroU32::MIN, Timeout::Never);
    let _ = private.requeue(1, &other, 1);
}
