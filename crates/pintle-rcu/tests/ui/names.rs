//! Names of the user's that the macro's own code might use, too.
#![no_std]

// Not by the name that the macro might look for it by.
extern crate std as standard;

use pintle_rcu::{RcuDomain, domain::Fences};

/// Domains of threads, where nobody may write `unsafe`.
#[forbid(unsafe_code)]
mod threads {
    ::pintle_rcu::domain! { pub struct AtomicBool; }
    ::pintle_rcu::domain! { pub struct Cell; }
    ::pintle_rcu::domain! { pub struct Clone; }
    ::pintle_rcu::domain! { pub struct Copy; }
    ::pintle_rcu::domain! { pub struct Debug; }
    ::pintle_rcu::domain! { pub struct Domain; }
    ::pintle_rcu::domain! { pub struct Exit; }
    ::pintle_rcu::domain! { pub struct NOBODY; }
    ::pintle_rcu::domain! { pub struct ProcessWide; }
    ::pintle_rcu::domain! { pub struct Scope; }
    ::pintle_rcu::domain! { pub struct Slot; }
    ::pintle_rcu::domain! { pub struct Threads; }
    ::pintle_rcu::domain! { #[allow(non_camel_case_types)] pub struct bool; }
    ::pintle_rcu::domain! { #[allow(non_camel_case_types)] pub struct core; }
    ::pintle_rcu::domain! { #[allow(non_camel_case_types)] pub struct pintle_rcu; }
    ::pintle_rcu::domain! { #[allow(non_camel_case_types)] pub struct std; }
    ::pintle_rcu::domain! { #[allow(non_camel_case_types)] pub struct thread; }
}

/// A domain of cores whose parts are called as the macro's might be.
mod cores {
    use pintle_rcu::domain::Fences as Barrier;

    const SLOTS: usize = 2;
    const DOMAIN: Barrier = Barrier;

    fn slot() -> usize {
        SLOTS - 1
    }

    pintle_rcu::domain! {
        // SAFETY: there is one thread, and no signal handler.
        pub unsafe struct Slot { slots: SLOTS, current: slot, barrier: Barrier = DOMAIN }
    }

    /// And with the names the other way round.
    pub mod again {
        const SLOT: usize = 1;
        const SLOTS: super::Barrier = super::Barrier;

        #[allow(non_snake_case)]
        fn DOMAIN() -> usize {
            SLOT - 1
        }

        pintle_rcu::domain! {
            // SAFETY: as above.
            pub unsafe struct Domain { slots: SLOT, current: DOMAIN, barrier: super::Barrier = SLOTS }
        }
    }
}

/// Parts that are neither names nor constants' names.
mod expressions {
    use super::Fences;

    const fn barrier() -> Fences {
        Fences
    }

    mod register {
        pub fn read<T: Default>() -> T {
            T::default()
        }
    }

    pintle_rcu::domain! {
        // SAFETY: as above.
        pub unsafe struct Cores {
            slots: { let slots = 3; slots + 1 },
            current: register::read::<usize>,
            barrier: Fences = barrier(),
        }
    }
}

fn works<S: pintle_rcu::Scope + core::fmt::Debug + Clone>() {
    let rcu = RcuDomain::<S>::new();
    assert!(rcu.run(|| rcu.is_inside()));
    rcu.synchronize_blocking();
}

fn main() {
    works::<threads::AtomicBool>();
    works::<threads::Cell>();
    works::<threads::Clone>();
    works::<threads::Copy>();
    works::<threads::Debug>();
    works::<threads::Domain>();
    works::<threads::Exit>();
    works::<threads::NOBODY>();
    works::<threads::ProcessWide>();
    works::<threads::Scope>();
    works::<threads::Slot>();
    works::<threads::Threads>();
    works::<threads::bool>();
    works::<threads::core>();
    works::<threads::pintle_rcu>();
    works::<threads::std>();
    works::<threads::thread>();
    works::<cores::Slot>();
    works::<cores::again::Domain>();
    works::<expressions::Cores>();
}
