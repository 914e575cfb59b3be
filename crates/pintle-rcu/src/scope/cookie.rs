use super::Scope;
use crate::domain;
use core::{fmt, marker::PhantomData};

of_a_scope! {
    /// A grace period of one scope's domain; see [`domain::Cookie`] and [`RcuDomain::start_poll`](super::RcuDomain::start_poll).
    #[must_use = "it says which grace period to poll or to wait for"]
    pub struct Cookie<S> {
        cookie: domain::Cookie,
        _of: PhantomData<fn() -> S>,
    }
}

// === impl Cookie ===

impl<S: Scope> Cookie<S> {
    pub(super) fn new(cookie: domain::Cookie) -> Self {
        Self {
            cookie,
            _of: PhantomData,
        }
    }

    pub(super) fn get(self) -> domain::Cookie {
        self.cookie
    }
}

impl<S: Scope> Clone for Cookie<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Scope> Copy for Cookie<S> {}

impl<S: Scope> PartialEq for Cookie<S> {
    fn eq(&self, other: &Self) -> bool {
        self.cookie == other.cookie
    }
}

impl<S: Scope> Eq for Cookie<S> {}

impl<S: Scope> fmt::Debug for Cookie<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.cookie, f)
    }
}
