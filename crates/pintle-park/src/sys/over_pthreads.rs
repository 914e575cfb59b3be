//! The table once more, with its tests, over the C library's locks, as on macOS before 14.4.

use self::pthreads as sys;

#[path = "../face/table/mod.rs"]
mod table;

pub(super) mod pthreads {
    pub(crate) use crate::sys::platform::lock_by_pthread::Lock;
    pub(crate) use crate::sys::platform::signals::uninterrupted;
    pub(crate) use crate::sys::platform::sleeper_by_pthread::Sleeper;
}
