//! Reading what is seldom replaced, and replacing it.

use crate::{Contender, Op};

mod defer;
mod read;
mod update;

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "rcu_read",
        what: "Enter a read section, read a number behind the shared pointer, leave the section.",
        contenders: &[
            Contender::new("pintle", read::pintle),
            Contender::new("pintle Fences", read::pintle_fences),
            Contender::new(
                "pintle without a process-wide barrier",
                read::pintle_no_barrier,
            ),
            Contender::new("arc-swap load", read::arc_swap_load),
            Contender::new("arc-swap cache", read::arc_swap_cache),
            Contender::new("crossbeam-epoch", read::crossbeam_epoch),
            Contender::new("haphazard", read::haphazard),
            Contender::new("left-right", read::left_right),
            Contender::new("seize", read::seize),
            Contender::new("std RwLock", read::std_rwlock),
            Contender::new("no section at all", read::bare_load),
        ],
    },
    Op {
        name: "rcu_read_nested",
        what: "As rcu_read, within a section that is there already.",
        contenders: &[
            Contender::new("pintle", read::nested_pintle),
            Contender::new("pintle Fences", read::nested_pintle_fences),
            Contender::new("crossbeam-epoch", read::nested_crossbeam_epoch),
            Contender::new("left-right", read::nested_left_right),
            Contender::new("seize", read::nested_seize),
        ],
    },
    Op {
        name: "rcu_quiesce_read",
        what: "Say that this thread will not read for a while, as before it goes to sleep; then rcu_read. \
               (Peers have nothing to say: theirs is rcu_read.)",
        contenders: &[
            Contender::new("pintle", read::pintle_quiesce),
            Contender::new("crossbeam-epoch", read::crossbeam_epoch),
            Contender::new("haphazard", read::haphazard),
            Contender::new("seize", read::seize),
        ],
    },
    Op {
        name: "rcu_update",
        what: "Put a new boxed number in the place of the shared one and free the old one before going on, \
               while nobody else reads. (RwLock: lock, replace, unlock, free. Left-right: both its copies.)",
        contenders: &[
            Contender::new("pintle", update::pintle),
            Contender::new("arc-swap", update::arc_swap),
            Contender::new("haphazard", update::haphazard),
            Contender::new("left-right", update::left_right),
            Contender::new("std RwLock", update::std_rwlock),
        ],
    },
    Op {
        name: "rcu_defer",
        what: "Put a new boxed number in the place of the shared one and leave the old one to be freed later, \
               which is part of it: ours is told to after each 64, the peers do it when they see fit. \
               (Intrusive: only defer, of a new object with its head.)",
        contenders: &[
            Contender::new("pintle", defer::pintle),
            Contender::new("pintle intrusive", defer::pintle_intrusive),
            Contender::new("crossbeam-epoch", defer::crossbeam_epoch),
            Contender::new("haphazard", defer::haphazard),
            Contender::new("seize", defer::seize),
        ],
    },
];
