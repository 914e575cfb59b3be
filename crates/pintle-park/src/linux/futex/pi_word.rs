use crate::linux::Tid;
use core::fmt;

/// What a priority-inheritance or robust futex word says: who owns the lock, whether somebody
/// waits in the kernel, and whether an owner has died.
///
/// ```text
///    31        30         29                           0
///  ┌─────────┬────────────┬─────────────────────────────┐
///  │ WAITERS │ OWNER_DIED │ TID of the owner, 0: nobody │
///  └─────────┴────────────┴─────────────────────────────┘
/// ```
///
/// The [module](super) has the diagram of its states.
///
/// # Examples
///
/// ```
/// use pintle_park::linux::{Tid, futex::PiWord};
///
/// let me = Tid::current();
/// let word = PiWord::from_bits(me.get() | PiWord::WAITERS);
/// assert_eq!(word.owner(), Some(me));
/// assert!(word.has_waiters() && !word.owner_died());
/// assert_eq!(PiWord::owned_by(me).bits(), me.get());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PiWord(u32);

// === impl PiWord ===

impl PiWord {
    /// Nobody owns the lock: zero.
    pub const FREE: Self = Self(0);
    /// Threads wait in the kernel, so that only it can release the lock: `FUTEX_WAITERS`.
    pub const WAITERS: u32 = 0x8000_0000;
    /// An owner has died, and what the lock protects may be half changed: `FUTEX_OWNER_DIED`.
    pub const OWNER_DIED: u32 = 0x4000_0000;

    /// The meaning of these bits.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Owned by `tid`, and nobody waits.
    #[must_use]
    pub const fn owned_by(tid: Tid) -> Self {
        Self(tid.get())
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The owner, if there is one.
    #[must_use]
    pub const fn owner(self) -> Option<Tid> {
        Tid::new(self.0 & Tid::MASK)
    }

    /// Whether threads wait in the kernel.
    #[must_use]
    pub const fn has_waiters(self) -> bool {
        self.0 & Self::WAITERS != 0
    }

    /// Whether an owner has died, and nobody has taken the bit away since.
    #[must_use]
    pub const fn owner_died(self) -> bool {
        self.0 & Self::OWNER_DIED != 0
    }
}

impl fmt::Debug for PiWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PiWord")
            .field("owner", &self.owner())
            .field("waiters", &self.has_waiters())
            .field("owner_died", &self.owner_died())
            .finish()
    }
}
