//! Settings that every batch reads and hardly anybody writes: the case that
//! read-copy-update is for.
//!
//! A reader loads a pointer inside a read-side section, which costs it neither a
//! lock nor an atomic write that others see. `CONFIG SET` publishes a changed
//! copy, awaits a grace period, after which nobody can still hold the old
//! pointer, and frees the old copy. The worker does something else meanwhile; the last reader
//! that is waited for wakes the task.

use pintle::rcu::{self, RcuCell};
use pintle::sync::blocking::Mutex;

use crate::stats::STATS;

/// What `CONFIG SET` can change. Named as in Redis where it has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Seconds of silence after which a client is disconnected; 0: never.
    pub(crate) timeout: u64,
    /// Clients served at a time.
    pub(crate) maxclients: u64,
    /// The largest argument, in bytes.
    pub(crate) proto_max_bulk_len: u64,
    /// The largest request, in bytes.
    pub(crate) client_query_buffer_limit: u64,
    /// Bytes of replies that may wait for a client to read them. Above it, its
    /// further requests wait. One reply may exceed it.
    pub(crate) reply_buffer_limit: u64,
}

impl Settings {
    pub(crate) const DEFAULT: Self = Self {
        timeout: 0,
        maxclients: 10_000,
        proto_max_bulk_len: 512 << 20,
        client_query_buffer_limit: 1 << 30,
        reply_buffer_limit: 1 << 20,
    };
}

/// How a parameter's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Integer,
    /// Bytes; `kb`, `mb`, `gb` are powers of 1024, `k`, `m`, `g` of 1000.
    Memory,
}

/// One parameter of `CONFIG`.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) get: fn(&Settings) -> u64,
    pub(crate) set: fn(&mut Settings, u64),
}

/// All parameters, by name.
pub(crate) static PARAMETERS: [Parameter; 5] = [
    Parameter {
        name: "client-query-buffer-limit",
        unit: Unit::Memory,
        min: 1 << 20,
        max: i64::MAX as u64,
        get: |s| s.client_query_buffer_limit,
        set: |s, v| s.client_query_buffer_limit = v,
    },
    Parameter {
        name: "maxclients",
        unit: Unit::Integer,
        min: 1,
        max: u32::MAX as u64,
        get: |s| s.maxclients,
        set: |s, v| s.maxclients = v,
    },
    Parameter {
        name: "proto-max-bulk-len",
        unit: Unit::Memory,
        min: 1 << 20,
        max: i64::MAX as u64,
        get: |s| s.proto_max_bulk_len,
        set: |s, v| s.proto_max_bulk_len = v,
    },
    Parameter {
        name: "reply-buffer-limit",
        unit: Unit::Memory,
        min: 1,
        max: i64::MAX as u64,
        get: |s| s.reply_buffer_limit,
        set: |s, v| s.reply_buffer_limit = v,
    },
    Parameter {
        name: "timeout",
        unit: Unit::Integer,
        min: 0,
        max: i32::MAX as u64,
        get: |s| s.timeout,
        set: |s, v| s.timeout = v,
    },
];

/// A parameter and its new value, checked.
pub(crate) type Change = (&'static Parameter, u64);

/// The settings, in the RCU domain.
#[derive(Debug)]
pub(crate) struct Config {
    current: RcuCell<Settings>,
    /// Writers copy and replace one after the other.
    writer: Mutex<()>,
}

impl Config {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            current: RcuCell::new(settings),
            writer: Mutex::new(()),
        }
    }

    /// Reads the settings. `read` must not wait for anything: it delays writers.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Settings) -> R) -> R {
        STATS.rcu_reads.add(1);
        let section = rcu::global().enter();
        read(self.current.load(&section))
    }

    /// A copy of the settings.
    pub(crate) fn get(&self) -> Settings {
        self.read(|settings| *settings)
    }

    /// Replaces the settings by a changed copy, at once, and waits until no reader can
    /// see the old ones.
    pub(crate) async fn change(&self, changes: &[Change]) {
        let old = self.writer.with_lock(|()| {
            let mut settings = self.get();
            for (parameter, value) in changes {
                (parameter.set)(&mut settings, *value);
            }
            self.current.replace(settings)
        });
        STATS.rcu_replacements.add(1);
        old.grace_period().await;
        STATS.grace_periods.add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, PARAMETERS, Settings};
    use crate::runtime;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn parameters_read_what_they_write() {
        for parameter in &PARAMETERS {
            let mut settings = Settings::DEFAULT;
            for value in [parameter.min, parameter.max] {
                (parameter.set)(&mut settings, value);
                assert_eq!((parameter.get)(&settings), value, "{}", parameter.name);
            }
        }
        assert!(PARAMETERS.is_sorted_by_key(|parameter| parameter.name));
    }

    #[test]
    fn readers_see_whole_settings_while_a_writer_replaces_them() {
        let find = |name| {
            PARAMETERS
                .iter()
                .find(|p| p.name == name)
                .expect("a parameter")
        };
        let (a, b) = (find("timeout"), find("maxclients"));
        let config = Config::new(Settings::DEFAULT);
        runtime::block_on(config.change(&[(a, 1), (b, 1)]));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        config.read(|settings| assert_eq!(settings.timeout, settings.maxclients));
                    }
                });
            }
            for value in 2..500 {
                runtime::block_on(config.change(&[(a, value), (b, value)]));
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(config.get().timeout, 499);
    }
}
