use super::handle::{Handle, Waited, object};
use super::{Access, Created, ErrorCode, Name, ObjectError};
use crate::Deadline;
use core::marker::PhantomData;
use core::{ptr, time::Duration};
use windows_sys::Win32::System::Threading::{
    CreateMutexExW, MUTEX_ALL_ACCESS, MUTEX_MODIFY_STATE, OpenMutexW, ReleaseMutex,
};

/// A lock of the kernel's, which processes can share by its name.
///
/// It holds no value: what it protects is wherever its users agree. It belongs to a thread, which may
/// lock it again, and unlocks it as often. When a thread ends that has it, it is *abandoned*: the next
/// one gets it, and is told.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{Acquired, Mutex};
///
/// let mutex = Mutex::new()?;
/// match mutex.lock()? {
///     Acquired::Locked(_guard) => { /* as it should be */ }
///     Acquired::Abandoned(_guard) => { /* its last owner died: look whether all is well */ }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Mutex {
    pub(super) handle: Handle,
}

/// A [`Mutex`] that the calling thread owns, until this is dropped.
///
/// Not `Send`: the mutex belongs to the thread. If it is leaked the thread owns the mutex until it
/// ends; then it is abandoned.
#[derive(Debug)]
#[must_use = "the mutex is unlocked when the guard is dropped"]
pub struct MutexGuard<'a> {
    mutex: &'a Mutex,
    /// Neither `Send` nor needed to be `Sync`.
    thread: PhantomData<*const ()>,
}

/// How a [`Mutex`] was found.
#[derive(Debug)]
#[must_use = "the mutex is unlocked when the guard is dropped"]
pub enum Acquired<'a> {
    /// Its last owner has unlocked it.
    Locked(MutexGuard<'a>),
    /// Its last owner has ended without: what the mutex protects may be half changed.
    Abandoned(MutexGuard<'a>),
}

// === impl Mutex ===

object!(Mutex);

impl Mutex {
    /// A mutex without a name, that nobody owns.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the system is out of memory or handles.
    pub fn new() -> Result<Self, ObjectError> {
        Ok(Self::create_raw(ptr::null(), Access::All)?.into_inner())
    }

    /// A mutex of this name: a new one, that nobody owns, or the one that there is.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if the name is another kind's, or not granted with that access.
    pub fn create(name: &Name, access: Access) -> Result<Created<Self>, ObjectError> {
        Self::create_raw(name.as_ptr(), access)
    }

    /// The mutex of this name.
    ///
    /// # Errors
    ///
    /// [`ObjectError`], if there is none, or it is not granted with that access.
    pub fn open(name: &Name, access: Access) -> Result<Self, ObjectError> {
        let rights = access.rights(MUTEX_MODIFY_STATE, MUTEX_ALL_ACCESS);
        let handle = Handle::open(|| {
            // SAFETY: the name ends with a zero.
            unsafe { OpenMutexW(rights, 0, name.as_ptr()) }
        })?;
        Ok(Self { handle })
    }

    /// `name` is null, or ends with a zero.
    fn create_raw(name: *const u16, access: Access) -> Result<Created<Self>, ObjectError> {
        let rights = access.rights(MUTEX_MODIFY_STATE, MUTEX_ALL_ACCESS);
        let created = Handle::create(|| {
            // Not owned from the start: whether that was granted would depend on who came first.
            // SAFETY: the name is null or ends with a zero, and no security attributes are fine.
            unsafe { CreateMutexExW(ptr::null(), name, 0, rights) }
        })?;
        Ok(created.map(|handle| Self { handle }))
    }

    /// Waits until no other thread, of any process, owns it, and takes it. Blocks.
    ///
    /// # Errors
    ///
    /// [`ErrorCode`], if the handle's access does not include to wait.
    pub fn lock(&self) -> Result<Acquired<'_>, ErrorCode> {
        loop {
            if let Some(acquired) = self.lock_until(Deadline::NEVER)? {
                return Ok(acquired);
            }
        }
    }

    /// Takes it if no other thread owns it.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock).
    pub fn try_lock(&self) -> Result<Option<Acquired<'_>>, ErrorCode> {
        self.lock_timeout(Duration::ZERO)
    }

    /// Takes it as [`lock`](Self::lock) does, after `timeout` at most; `None` if that has passed,
    /// and not earlier.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<Acquired<'_>>, ErrorCode> {
        self.lock_until(Deadline::after(timeout))
    }

    /// Takes it as [`lock`](Self::lock) does, until `deadline` at the latest; `None` if that has
    /// passed, and not earlier.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock).
    pub fn lock_until(
        &self,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Acquired<'_>>, ErrorCode> {
        Ok(match self.handle.wait(deadline.into())? {
            Waited::Signaled(_) => Some(Acquired::Locked(self.guard())),
            Waited::Abandoned(_) => Some(Acquired::Abandoned(self.guard())),
            Waited::TimedOut => None,
        })
    }

    /// This thread owns it, once more than there are guards.
    pub(super) fn guard(&self) -> MutexGuard<'_> {
        MutexGuard {
            mutex: self,
            thread: PhantomData,
        }
    }

    /// This thread owns it, and has no guard for that.
    pub(super) fn unlock(&self) {
        // SAFETY: the handle is open.
        let released = unsafe { ReleaseMutex(self.handle.raw()) };
        debug_assert_ne!(released, 0, "this thread owns the mutex");
    }
}

// === impl MutexGuard ===

impl Drop for MutexGuard<'_> {
    fn drop(&mut self) {
        self.mutex.unlock();
    }
}

// === impl Acquired ===

impl<'a> Acquired<'a> {
    /// The guard, either way.
    pub fn into_guard(self) -> MutexGuard<'a> {
        match self {
            Self::Locked(guard) | Self::Abandoned(guard) => guard,
        }
    }

    /// Whether the last owner has ended without unlocking it.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        matches!(self, Self::Abandoned(_))
    }
}
