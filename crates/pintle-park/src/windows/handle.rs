//! What all kernel objects have in common.

use super::{Created, ErrorCode, ObjectError};
use crate::{Deadline, sys::milliseconds};
use core::ffi::c_void;
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_ALREADY_EXISTS, HANDLE, SetLastError, WAIT_ABANDONED_0, WAIT_FAILED,
    WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::WaitForMultipleObjects;

/// Whether what was waited for came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a timed wait may end without a signal: the outcome says which it was"]
pub enum SignalOutcome {
    /// It came.
    Signaled,
    /// The deadline has passed, and it had not come.
    TimedOut,
}

/// A handle that is closed when it is dropped.
///
/// # Invariant
///
/// It is an open handle of this process, and nobody else closes it.
#[derive(Debug)]
pub(super) struct Handle(HANDLE);

// === impl Handle ===

impl Handle {
    /// What a function to create an object returns.
    ///
    /// `create` may be called once.
    pub(super) fn create(create: impl FnOnce() -> HANDLE) -> Result<Created<Self>, ObjectError> {
        // Success is not documented to clear what is asked for below.
        // SAFETY: has no precondition.
        unsafe { SetLastError(0) };
        let handle = Self::open(create)?;
        Ok(if ErrorCode::last().raw() == ERROR_ALREADY_EXISTS {
            Created::Existed(handle)
        } else {
            Created::New(handle)
        })
    }

    /// What a function to open an object returns.
    pub(super) fn open(open: impl FnOnce() -> HANDLE) -> Result<Self, ObjectError> {
        let handle = open();
        if handle.is_null() {
            return Err(ObjectError::last());
        }
        // INVARIANT: it was just made, for us.
        Ok(Self(handle))
    }

    /// # Safety
    ///
    /// The invariant of `Handle`.
    pub(super) unsafe fn from_raw(handle: *mut c_void) -> Self {
        Self(handle)
    }

    pub(super) fn raw(&self) -> HANDLE {
        self.0
    }

    /// Waits for this object alone.
    pub(super) fn wait(&self, deadline: Deadline) -> Result<Waited, ErrorCode> {
        wait(&[self.0], false, deadline)
    }

    /// As [`wait`](Self::wait), for objects that nobody can abandon.
    pub(super) fn wait_signal(&self, deadline: Deadline) -> Result<SignalOutcome, ErrorCode> {
        Ok(match self.wait(deadline)? {
            Waited::Signaled(_) | Waited::Abandoned(_) => SignalOutcome::Signaled,
            Waited::TimedOut => SignalOutcome::TimedOut,
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: by the invariant it is open, and not used from here on.
        let closed = unsafe { CloseHandle(self.0) };
        debug_assert_ne!(closed, 0, "the handle was closed by somebody else");
    }
}

// SAFETY: a handle belongs to the process, not to a thread.
unsafe impl Send for Handle {}
// SAFETY: as above, and the system's functions may be called on it from many threads at once.
unsafe impl Sync for Handle {}

/// What a wait has given. With several objects the number is an index; if all were waited for it
/// only means something for `Abandoned`: one of those that were.
#[derive(Clone, Copy)]
pub(super) enum Waited {
    Signaled(usize),
    Abandoned(usize),
    TimedOut,
}

/// Waits for one of these objects, or for all of them at once. A deadline that has passed looks.
///
/// There are 1 to 64 of them, and all are open during the call.
pub(super) fn wait(handles: &[HANDLE], all: bool, deadline: Deadline) -> Result<Waited, ErrorCode> {
    // At most 64.
    let count = handles.len() as u32;
    loop {
        let milliseconds = milliseconds(deadline.remaining());
        // SAFETY: there are `count` handles at that place, which are open.
        let result =
            unsafe { WaitForMultipleObjects(count, handles.as_ptr(), all.into(), milliseconds) };
        match result {
            // The system's clock is not ours, and a long wait was made shorter: see `sys`.
            WAIT_TIMEOUT if !deadline.has_passed() => {}
            WAIT_TIMEOUT => return Ok(Waited::TimedOut),
            WAIT_FAILED => return Err(ErrorCode::last()),
            WAIT_ABANDONED_0.. => {
                return Ok(Waited::Abandoned((result - WAIT_ABANDONED_0) as usize));
            }
            WAIT_OBJECT_0.. => return Ok(Waited::Signaled((result - WAIT_OBJECT_0) as usize)),
        }
    }
}

/// Declares what every kernel object can do with its handle, which is its only field.
macro_rules! object {
    ($Object:ident) => {
        impl $Object {
            /// The handle, to be given to the system's functions. It stays this object's: do not
            /// close it.
            #[must_use]
            pub fn as_raw_handle(&self) -> *mut core::ffi::c_void {
                self.handle.raw()
            }

            /// Takes over a handle: one that was duplicated or inherited, say.
            ///
            /// # Safety
            ///
            /// It is an open handle to an object of this kind, and nobody else closes it.
            #[must_use]
            pub unsafe fn from_raw_handle(handle: *mut core::ffi::c_void) -> Self {
                Self {
                    // SAFETY: the caller says so.
                    handle: unsafe { $crate::windows::handle::Handle::from_raw(handle) },
                }
            }
        }
    };
}
pub(super) use object;
