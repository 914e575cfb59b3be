use core::fmt;

use super::CancellationToken;
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// Cancels its token when it is dropped: [`CancellationToken::drop_guard`].
#[must_use = "dropping it cancels the token"]
pub struct DropGuard<Lock: ScopedRawMutex = DefaultMutex> {
    /// `None` when it has been disarmed.
    token: Option<CancellationToken<Lock>>,
}

// === impl DropGuard ===

impl<Lock: ScopedRawMutex> DropGuard<Lock> {
    pub(super) fn new(token: CancellationToken<Lock>) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, which is then not cancelled.
    pub fn disarm(mut self) -> CancellationToken<Lock> {
        let Some(token) = self.token.take() else {
            unreachable!("disarmed once only, by value");
        };
        token
    }
}

impl<Lock: ScopedRawMutex> Drop for DropGuard<Lock> {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for DropGuard<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropGuard")
            .field("token", &self.token)
            .finish()
    }
}
