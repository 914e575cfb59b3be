use super::handle::{Handle, SignalOutcome, object};
use super::{Access, Created, ErrorCode, Name, ObjectError, Reset};
use crate::Deadline;
use core::{ptr, time::Duration};
use windows_sys::Win32::System::Threading::{
    CREATE_EVENT_INITIAL_SET, CREATE_EVENT_MANUAL_RESET, CreateEventExW, EVENT_ALL_ACCESS,
    EVENT_MODIFY_STATE, OpenEventW, ResetEvent, SetEvent,
};

/// A flag that threads wait for, and that processes can share by its name.
///
/// With [`Reset::Auto`] one wait ends and takes the flag down again; with [`Reset::Manual`] every wait
/// ends until it is [`reset`](Self::reset).
///
/// `PulseEvent` is not offered: it wakes those who wait *at the moment*, and a thread that the kernel
/// has borrowed for a moment is not among them. The system's documentation advises against it.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{Event, Reset};
///
/// let event = Event::new(Reset::Auto, false)?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| event.set());
///     event.wait()
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Event {
    pub(super) handle: Handle,
}

// === impl Event ===

object!(Event);

impl Event {
    /// An event without a name, signalled from the start or not.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the system is out of memory or handles.
    pub fn new(reset: Reset, signaled: bool) -> Result<Self, ObjectError> {
        Ok(Self::create_raw(ptr::null(), reset, signaled, Access::All)?.into_inner())
    }

    /// An event of this name: a new one, signalled from the start or not, or the one that there is.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the name is another kind's, or not granted with that access.
    pub fn create(
        name: &Name,
        reset: Reset,
        signaled: bool,
        access: Access,
    ) -> Result<Created<Self>, ObjectError> {
        Self::create_raw(name.as_ptr(), reset, signaled, access)
    }

    /// The event of this name.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if there is none, or it is not granted with that access.
    pub fn open(name: &Name, access: Access) -> Result<Self, ObjectError> {
        let rights = access.rights(EVENT_MODIFY_STATE, EVENT_ALL_ACCESS);
        let handle = Handle::open(|| {
            // SAFETY: the name ends with a zero.
            unsafe { OpenEventW(rights, 0, name.as_ptr()) }
        })?;
        Ok(Self { handle })
    }

    /// `name` is null, or ends with a zero.
    fn create_raw(
        name: *const u16,
        reset: Reset,
        signaled: bool,
        access: Access,
    ) -> Result<Created<Self>, ObjectError> {
        let mut flags = 0;
        if reset == Reset::Manual {
            flags |= CREATE_EVENT_MANUAL_RESET;
        }
        if signaled {
            flags |= CREATE_EVENT_INITIAL_SET;
        }
        let rights = access.rights(EVENT_MODIFY_STATE, EVENT_ALL_ACCESS);
        let created = Handle::create(|| {
            // SAFETY: the name is null or ends with a zero, and no security attributes are fine.
            unsafe { CreateEventExW(ptr::null(), name, flags, rights) }
        })?;
        Ok(created.map(|handle| Self { handle }))
    }

    /// Signals it. If it is signalled already nothing happens: it does not count.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to modify.
    pub fn set(&self) -> Result<(), ErrorCode> {
        // SAFETY: the handle is open.
        ErrorCode::check(unsafe { SetEvent(self.handle.raw()) })
    }

    /// Takes the signal back, if there is one.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn reset(&self) -> Result<(), ErrorCode> {
        // SAFETY: the handle is open.
        ErrorCode::check(unsafe { ResetEvent(self.handle.raw()) })
    }

    /// Waits until it is signalled. Blocks.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to wait.
    pub fn wait(&self) -> Result<(), ErrorCode> {
        while self.wait_until(Deadline::NEVER)? == SignalOutcome::TimedOut {}
        Ok(())
    }

    /// Waits until it is signalled, for `timeout` at most. It does not time out early.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(&self, timeout: Duration) -> Result<SignalOutcome, ErrorCode> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until it is signalled, until `deadline` at the latest. It does not time out early, and a
    /// deadline that has passed looks whether it is signalled.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_until(&self, deadline: impl Into<Deadline>) -> Result<SignalOutcome, ErrorCode> {
        self.handle.wait_signal(deadline.into())
    }
}
