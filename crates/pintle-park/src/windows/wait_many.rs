//! Waiting for several kernel objects.

use super::handle::{self, Handle, Waited};
use super::{ErrorCode, Event, Mutex, MutexGuard, Semaphore, WaitableTimer};
use crate::Deadline;
use core::{fmt, marker::PhantomData, ptr};
use windows_sys::Win32::Foundation::HANDLE;

/// How many objects one wait takes at most: `MAXIMUM_WAIT_OBJECTS`.
pub const WAIT_MANY_MAX: usize = 64;

/// An object to wait for, made from a reference to one.
#[derive(Clone, Copy, Debug)]
pub struct Waitable<'a>(Kind<'a>);

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    /// Who has waited for it owns it.
    Mutex(&'a Mutex),
    Other(&'a Handle),
}

/// Which object has ended the wait for any.
#[derive(Debug)]
#[must_use = "the outcome has the index of the object, and the mutex if it is one"]
#[non_exhaustive]
pub enum AnyOutcome<'a> {
    /// The one with this index, which is no mutex. If there were several it is the first of them, and
    /// the others keep their signals.
    Signaled(usize),
    /// The mutex with this index.
    Locked(usize, MutexGuard<'a>),
    /// The mutex with this index, whose last owner has ended without unlocking it.
    Abandoned(usize, MutexGuard<'a>),
    /// The deadline has passed.
    TimedOut,
}

/// How the wait for all has ended.
#[derive(Debug)]
#[must_use = "the outcome holds the mutexes among the objects"]
#[non_exhaustive]
pub enum AllOutcome<'a> {
    /// All have been signalled.
    Signaled(AllGuard<'a>),
    /// All have been signalled, and the last owner of at least one mutex has ended without unlocking
    /// it.
    Abandoned(AllGuard<'a>),
    /// The deadline has passed, and of none the signal has been taken.
    TimedOut,
}

/// The mutexes among several objects, which the calling thread owns until this is dropped.
///
/// Not `Send`: a mutex belongs to the thread.
#[derive(Debug)]
#[must_use = "the mutexes are unlocked when the guard is dropped"]
pub struct AllGuard<'a> {
    objects: &'a [Waitable<'a>],
    /// Neither `Send` nor needed to be `Sync`.
    thread: PhantomData<*const ()>,
}

/// Several objects cannot be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitManyError {
    /// There is no object.
    Empty,
    /// There are more than [`WAIT_MANY_MAX`].
    TooMany,
    /// The system's: a handle's access does not include to wait, or an object is there twice in a
    /// wait for all.
    Other(ErrorCode),
}

/// Waits until one of the objects is signalled, and takes that signal alone.
///
/// O(objects), and 512 bytes of stack. Blocks.
///
/// # Errors
///
/// [`WaitManyError`].
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{AnyOutcome, Event, Mutex, Reset, wait_any};
///
/// let stop = Event::new(Reset::Manual, false)?;
/// let mutex = Mutex::new()?;
/// match wait_any(&[(&stop).into(), (&mutex).into()])? {
///     AnyOutcome::Signaled(_) => println!("it is over"),
///     AnyOutcome::Locked(1, _guard) => println!("the mutex is ours"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn wait_any<'a>(objects: &[Waitable<'a>]) -> Result<AnyOutcome<'a>, WaitManyError> {
    loop {
        match wait_any_until(objects, Deadline::NEVER)? {
            AnyOutcome::TimedOut => {}
            outcome => return Ok(outcome),
        }
    }
}

/// Waits as [`wait_any`] does, until `deadline` at the latest.
///
/// It does not time out early. A deadline that has passed looks whether one is signalled.
///
/// # Errors
///
/// [`WaitManyError`].
pub fn wait_any_until<'a>(
    objects: &[Waitable<'a>],
    deadline: impl Into<Deadline>,
) -> Result<AnyOutcome<'a>, WaitManyError> {
    let waited = wait(objects, false, deadline.into())?;
    let (index, abandoned) = match waited {
        Waited::Signaled(index) => (index, false),
        Waited::Abandoned(index) => (index, true),
        Waited::TimedOut => return Ok(AnyOutcome::TimedOut),
    };
    Ok(match objects[index].0 {
        Kind::Mutex(mutex) if abandoned => AnyOutcome::Abandoned(index, mutex.guard()),
        Kind::Mutex(mutex) => AnyOutcome::Locked(index, mutex.guard()),
        Kind::Other(_) => AnyOutcome::Signaled(index),
    })
}

/// Waits until all of the objects are signalled at the same time, and takes their signals then: of
/// none before the last, so that two such waits cannot block each other half way.
///
/// O(objects), and 512 bytes of stack. Blocks.
///
/// # Errors
///
/// [`WaitManyError`].
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{AllOutcome, Mutex, wait_all};
///
/// let (from, to) = (Mutex::new()?, Mutex::new()?);
/// let both = [(&from).into(), (&to).into()];
/// let _guard = match wait_all(&both)? {
///     AllOutcome::Signaled(guard) => guard,
///     other => panic!("{other:?}"),
/// };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn wait_all<'a>(objects: &'a [Waitable<'a>]) -> Result<AllOutcome<'a>, WaitManyError> {
    loop {
        match wait_all_until(objects, Deadline::NEVER)? {
            AllOutcome::TimedOut => {}
            outcome => return Ok(outcome),
        }
    }
}

/// Waits as [`wait_all`] does, until `deadline` at the latest.
///
/// It does not time out early. A deadline that has passed looks whether all are signalled.
///
/// # Errors
///
/// [`WaitManyError`].
pub fn wait_all_until<'a>(
    objects: &'a [Waitable<'a>],
    deadline: impl Into<Deadline>,
) -> Result<AllOutcome<'a>, WaitManyError> {
    let waited = wait(objects, true, deadline.into())?;
    let guard = || AllGuard {
        objects,
        thread: PhantomData,
    };
    Ok(match waited {
        Waited::Signaled(_) => AllOutcome::Signaled(guard()),
        Waited::Abandoned(_) => AllOutcome::Abandoned(guard()),
        Waited::TimedOut => AllOutcome::TimedOut,
    })
}

fn wait(objects: &[Waitable<'_>], all: bool, deadline: Deadline) -> Result<Waited, WaitManyError> {
    let mut handles: [HANDLE; WAIT_MANY_MAX] = [ptr::null_mut(); WAIT_MANY_MAX];
    let handles = match objects.len() {
        0 => return Err(WaitManyError::Empty),
        count @ 1..=WAIT_MANY_MAX => &mut handles[..count],
        _ => return Err(WaitManyError::TooMany),
    };
    for (handle, object) in handles.iter_mut().zip(objects) {
        *handle = object.raw();
    }
    handle::wait(handles, all, deadline).map_err(WaitManyError::Other)
}

// === impl Waitable ===

impl Waitable<'_> {
    fn raw(&self) -> HANDLE {
        match self.0 {
            Kind::Mutex(mutex) => mutex.handle.raw(),
            Kind::Other(handle) => handle.raw(),
        }
    }
}

impl<'a> From<&'a Mutex> for Waitable<'a> {
    fn from(mutex: &'a Mutex) -> Self {
        Self(Kind::Mutex(mutex))
    }
}

impl<'a> From<&'a Event> for Waitable<'a> {
    fn from(event: &'a Event) -> Self {
        Self(Kind::Other(&event.handle))
    }
}

impl<'a> From<&'a Semaphore> for Waitable<'a> {
    fn from(semaphore: &'a Semaphore) -> Self {
        Self(Kind::Other(&semaphore.handle))
    }
}

impl<'a> From<&'a WaitableTimer> for Waitable<'a> {
    fn from(timer: &'a WaitableTimer) -> Self {
        Self(Kind::Other(&timer.handle))
    }
}

// === impl AllGuard ===

impl Drop for AllGuard<'_> {
    fn drop(&mut self) {
        for object in self.objects {
            if let Kind::Mutex(mutex) = object.0 {
                mutex.unlock();
            }
        }
    }
}

// === impl WaitManyError ===

impl fmt::Display for WaitManyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no object to wait for"),
            Self::TooMany => f.write_str("more than 64 objects to wait for"),
            Self::Other(code) => fmt::Display::fmt(code, f),
        }
    }
}

impl core::error::Error for WaitManyError {}
