//! The table once more, with its tests, over the C library's locks, as on macOS before 14.4.

use self::pthreads as sys;

#[path = "../face/table/mod.rs"]
mod table;

pub(super) mod pthreads {
    pub(crate) use crate::sys::lock_by_pthread::Lock;
    pub(crate) use crate::sys::signals::uninterrupted;
    pub(crate) use crate::sys::sleeper_by_pthread::Sleeper;
}
