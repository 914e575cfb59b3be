use core::marker::PhantomData;

/// Whether a kind of scheduler has [residents](crate::task#resident-tasks): a promise that this crate
/// alone can make, as nobody else can name or make one that says so.
#[derive(Debug)]
pub struct Residents<S> {
    are_here: bool,
    _scheduler: PhantomData<fn(S) -> S>,
}

// === impl Residents ===

impl<S> Residents<S> {
    /// What all others say.
    pub(crate) const NONE: Self = Self::new(false);

    /// What a scheduler with a `StaticQueue` says.
    ///
    /// # Safety
    ///
    /// `S` is a `&'static` reference to something of the layout of a
    /// [`StaticQueue`](super::static_queue::StaticQueue), in which it queues its tasks.
    pub(crate) const unsafe fn some() -> Self {
        Self::new(true)
    }

    const fn new(are_here: bool) -> Self {
        Self {
            are_here,
            _scheduler: PhantomData,
        }
    }

    pub(crate) const fn are_here(&self) -> bool {
        self.are_here
    }
}
