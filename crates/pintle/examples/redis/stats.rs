//! What the runtime's parts did, counted where it is done and shown by INFO.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A count of events. Relaxed: it orders nothing and is exact once things rest.
#[derive(Debug)]
pub(crate) struct Counter(AtomicUsize);

impl Counter {
    const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn add(&self, events: usize) {
        self.0.fetch_add(events, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Declares the counters, and with them the sections of INFO.
macro_rules! counters {
    ($($section:literal { $($(#[$doc:meta])* $name:ident),* $(,)? })*) => {
        #[derive(Debug)]
        pub(crate) struct Stats {
            $($($(#[$doc])* pub(crate) $name: Counter,)*)*
        }

        /// The process's counters.
        pub(crate) static STATS: Stats = Stats {
            $($($name: Counter::new(),)*)*
        };

        impl Stats {
            /// Each section with its counters and their values.
            pub(crate) fn sections(&self) -> Vec<(&'static str, Vec<(&'static str, usize)>)> {
                vec![$(($section, vec![$((stringify!($name), self.$name.get())),*])),*]
            }
        }
    };
}

counters! {
    "pintle_task" {
        tasks_spawned,
        tasks_completed,
        /// Turns of a worker's loop.
        ticks,
        polls,
        /// Wakes from outside the worker that runs the task: reactor, timers, other tasks.
        wakes_external,
        /// Wakes by the task itself or by another on its worker.
        wakes_internal,
    }
    "pintle_intrusive" {
        /// Tasks pushed to a run queue, a lock-free `MpscQueue`.
        run_queue_pushes,
    }
    "pintle_sync" {
        /// A socket became readable or writable: `WaitCell::wake`.
        wait_cell_wakes,
        /// A blocked client was handed an element: `WaitQueue::wake`.
        wait_queue_wakes,
        /// All connections were told of new settings: `WaitQueue::wake_all`.
        wait_queue_broadcasts,
        /// A message was sent to all subscribed connections: `broadcast::Sender::send`.
        messages_published,
        /// A subscriber had missed messages, and was disconnected: `RecvError::Lagged`.
        subscribers_lagged,
    }
    "pintle_lock" {
        /// The store's mutex was taken: about once per batch of requests.
        store_locks,
        reactor_locks,
    }
    "pintle_time" {
        sleeps_armed,
        sleeps_fired,
        wheel_turns,
        idle_timeouts,
        blpop_timeouts,
        keys_swept,
    }
    "pintle_park" {
        /// A worker had nothing to do: it slept on its futex, or took the
        /// token of an unpark that had come before.
        parks,
        /// It slept until the next deadline of the wheel.
        park_timeouts,
        unparks,
    }
    "pintle_rcu" {
        /// Settings read inside a read-side section.
        rcu_reads,
        /// Settings replaced by a changed copy.
        rcu_replacements,
        /// Waited for, after which the old settings were freed.
        grace_periods,
    }
    "Stats" {
        total_connections_received,
        rejected_connections,
        total_commands_processed,
        total_error_replies,
        protocol_errors,
        reads,
        writes,
        total_net_input_bytes,
        total_net_output_bytes,
    }
}
