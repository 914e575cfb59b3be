//! What a value of each type takes.

/// One type's size, beside what the peers need for the same job.
#[derive(Debug)]
pub struct Size {
    /// What the type is for.
    pub job: &'static str,
    /// The type.
    pub name: &'static str,
    /// Its size in bytes on the machine that runs this.
    pub bytes: usize,
}

/// The sizes, ours first for each job.
#[must_use]
pub fn sizes() -> Vec<Size> {
    macro_rules! sizes {
        ($($job:literal: $($Type:ty),+;)+) => {
            vec![$($(Size {
                job: $job,
                name: stringify!($Type),
                bytes: size_of::<$Type>(),
            }),+),+]
        };
    }
    sizes! {
        "blocking mutex": pintle_lock::blocking::Mutex<()>, maitake_sync::blocking::Mutex<()>, std::sync::Mutex<()>, parking_lot::Mutex<()>;
        "wake one": maitake_sync::WaitCell, atomic_waker::AtomicWaker;
        "wake many": maitake_sync::WaitQueue, tokio::sync::Notify, event_listener::Event;
    }
}
