use super::{Barrier, Cookie, Domain};
use pintle_core::{const_fn, hint};

/// Where no thread can be put to sleep: nobody.
pub(super) struct Sleepers(());

// === impl Sleepers ===

impl Sleepers {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(())
        }
    }

    #[expect(clippy::unused_self, reason = "the face of the other one")]
    pub(super) fn wake_all(&self) {}

    #[allow(dead_code, reason = "for threads, which not every build has")]
    #[expect(clippy::unused_self, reason = "the face of the other one")]
    pub(super) fn forget_all(&self) {}

    /// Waits until the grace period of `cookie` is over.
    #[expect(clippy::unused_self, reason = "the face of the other one")]
    pub(super) fn sleep<B: Barrier>(&self, domain: &Domain<B>, cookie: Cookie) {
        domain.wait_with(cookie, hint::spin_loop);
    }
}
