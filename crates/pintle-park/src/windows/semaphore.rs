use super::handle::{Handle, SignalOutcome, object};
use super::{Access, Created, ErrorCode, Name, ObjectError};
use crate::Deadline;
use core::{ptr, time::Duration};
use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;
use windows_sys::Win32::System::Threading::{
    CreateSemaphoreExW, OpenSemaphoreW, ReleaseSemaphore, SEMAPHORE_ALL_ACCESS,
    SEMAPHORE_MODIFY_STATE,
};

/// A count that each wait takes one from, and that processes can share by its name.
///
/// Counts go up to `i32::MAX`.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::windows::{Semaphore, SignalOutcome};
///
/// let semaphore = Semaphore::new(0, 2)?;
/// assert_eq!(semaphore.release(2)?, 0);
/// semaphore.wait()?;
/// semaphore.wait()?;
/// assert_eq!(semaphore.wait_timeout(Duration::ZERO)?, SignalOutcome::TimedOut);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Semaphore {
    pub(super) handle: Handle,
}

// === impl Semaphore ===

object!(Semaphore);

impl Semaphore {
    /// A semaphore without a name that begins with `count` and has `maximum` at most.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if `maximum` is zero or less than `count`, either is more than `i32::MAX`, or
    /// the system is out of memory or handles.
    pub fn new(count: u32, maximum: u32) -> Result<Self, ObjectError> {
        Ok(Self::create_raw(ptr::null(), count, maximum, Access::All)?.into_inner())
    }

    /// A semaphore of this name: a new one, that begins with `count` and has `maximum` at most, or the
    /// one that there is.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); and if the name is another kind's, or not granted with that access.
    pub fn create(
        name: &Name,
        count: u32,
        maximum: u32,
        access: Access,
    ) -> Result<Created<Self>, ObjectError> {
        Self::create_raw(name.as_ptr(), count, maximum, access)
    }

    /// The semaphore of this name.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if there is none, or it is not granted with that access.
    pub fn open(name: &Name, access: Access) -> Result<Self, ObjectError> {
        let rights = access.rights(SEMAPHORE_MODIFY_STATE, SEMAPHORE_ALL_ACCESS);
        let handle = Handle::open(|| {
            // SAFETY: the name ends with a zero.
            unsafe { OpenSemaphoreW(rights, 0, name.as_ptr()) }
        })?;
        Ok(Self { handle })
    }

    /// `name` is null, or ends with a zero.
    fn create_raw(
        name: *const u16,
        count: u32,
        maximum: u32,
        access: Access,
    ) -> Result<Created<Self>, ObjectError> {
        let rights = access.rights(SEMAPHORE_MODIFY_STATE, SEMAPHORE_ALL_ACCESS);
        // More than `i32::MAX` is negative then, which the system refuses.
        let (count, maximum) = (count as i32, maximum as i32);
        let created = Handle::create(|| {
            // SAFETY: the name is null or ends with a zero, and no security attributes are fine.
            unsafe { CreateSemaphoreExW(ptr::null(), count, maximum, name, 0, rights) }
        })?;
        Ok(created.map(|handle| Self { handle }))
    }

    /// Adds `count`, and says how many there were before.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], and nothing is added, if that were more than its maximum
    /// (`ERROR_TOO_MANY_POSTS`), if `count` is zero or more than `i32::MAX`, or if the handle's access
    /// does not include to modify.
    pub fn release(&self, count: u32) -> Result<u32, ErrorCode> {
        // The system says that it refuses this; Wine does not.
        if count == 0 {
            return Err(ErrorCode::from_raw(ERROR_INVALID_PARAMETER));
        }
        let mut before = 0;
        // SAFETY: the handle is open, and `before` a place for the result.
        let released =
            unsafe { ReleaseSemaphore(self.handle.raw(), count as i32, &raw mut before) };
        ErrorCode::check(released)?;
        Ok(before as u32)
    }

    /// Waits until there is one, and takes it. Blocks.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to wait.
    pub fn wait(&self) -> Result<(), ErrorCode> {
        while self.wait_until(Deadline::NEVER)? == SignalOutcome::TimedOut {}
        Ok(())
    }

    /// Waits until there is one, for `timeout` at most, and takes it. It does not time out early.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(&self, timeout: Duration) -> Result<SignalOutcome, ErrorCode> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until there is one, until `deadline` at the latest, and takes it. It does not time out
    /// early, and a deadline that has passed looks whether there is one.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_until(&self, deadline: impl Into<Deadline>) -> Result<SignalOutcome, ErrorCode> {
        self.handle.wait_signal(deadline.into())
    }
}
