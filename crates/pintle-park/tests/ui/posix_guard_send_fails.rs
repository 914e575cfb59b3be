//! Who has locked unlocks: guards stay on their thread.

use pintle_park::posix::{Guard, Normal, ReadGuard, Recovery, WriteGuard};

fn is_send<T: Send>() {}

fn main() {
    is_send::<Guard<'_, u8>>();
    is_send::<Recovery<'_, u8, Normal>>();
    is_send::<ReadGuard<'_, u8>>();
    is_send::<WriteGuard<'_, u8>>();
}
