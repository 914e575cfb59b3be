/// What a handle to a kernel object may be used for.
///
/// Ask for as little as is needed: what another user's process may do with a named object depends
/// on the security that its creator has given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// To wait for it. For a [`Mutex`](super::Mutex) that is everything: who owns it may release it.
    Wait,
    /// To change it (set, reset, release, cancel), and not to wait for it.
    Modify,
    /// Both.
    WaitAndModify,
    /// All that there is, its security included: what one who creates an object gets.
    All,
}

/// `SYNCHRONIZE`, which is a right of every object.
const SYNCHRONIZE: u32 = 0x0010_0000;

// === impl Access ===

impl Access {
    /// The system's rights, for a kind of object whose own two are these.
    pub(super) fn rights(self, modify: u32, all: u32) -> u32 {
        match self {
            Self::Wait => SYNCHRONIZE,
            Self::Modify => modify,
            Self::WaitAndModify => SYNCHRONIZE | modify,
            Self::All => all,
        }
    }
}
