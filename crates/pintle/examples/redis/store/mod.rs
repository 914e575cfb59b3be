//! The data: a map of keys to strings and lists, with expiry.
//!
//! One [`Db`] stands behind one lock. A connection takes the lock once per
//! batch of requests, so what a batch does is atomic and its clock stands
//! still. Wakers must not run under that lock: whoever changes what others wait
//! for leaves a note in [`Effects`], and [`Store::with`] acts on the notes when
//! it has let go of the lock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use pintle::sync::WaitQueue;
use pintle::sync::blocking::Mutex;
use pintle::sync::broadcast::{self, Receiver, Sender};

use crate::pubsub::{self, Channels, Message};
use crate::stats::STATS;

pub(crate) mod blocked;
mod db;
mod expiry;
#[cfg(test)]
mod tests;

use expiry::{Due, Expiry};

/// Milliseconds since 1970, by a clock that nobody sets: it starts with the
/// system's and then only goes on.
pub(crate) type Millis = u64;

/// Shared by the map, the alarms of expiring keys and the queues of blocked clients.
pub(crate) type Key = Arc<[u8]>;

/// One element of a list.
pub(crate) type Element = Box<[u8]>;

pub(crate) type List = VecDeque<Element>;

#[derive(Debug)]
pub(crate) enum Value {
    Str(Vec<u8>),
    List(List),
}

/// The end of a list that a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The key holds another type than the command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

#[derive(Debug)]
struct Entry {
    value: Value,
    expires: Option<Expiry>,
}

/// The map itself.
///
/// # Invariants
///
/// - `expiring` is the number of entries that have an expiry.
/// - No list in `map` is empty.
#[derive(Debug, Default)]
pub(crate) struct Db {
    map: HashMap<Key, Entry>,
    expiring: usize,
    due: Arc<Due>,
    blocked: blocked::Blocked,
    pub(crate) channels: Channels,
    effects: Effects,
    /// The time of the batch in progress.
    now: Millis,
}

/// What to do when the lock is free again.
#[derive(Debug, Default)]
struct Effects {
    /// Blocked clients that were given an element.
    wake: Vec<Arc<WaitQueue>>,
}

/// The lock around the [`Db`], and who is told what happened inside.
#[derive(Debug)]
pub(crate) struct Store {
    db: Mutex<Db>,
    start: (SystemTime, Instant),
    due: Arc<Due>,
    /// To every connection that has subscribed to anything.
    messages: Sender<Arc<Message>>,
}

impl Store {
    pub(crate) fn new() -> Self {
        let db = Db::default();
        Self {
            due: Arc::clone(&db.due),
            db: Mutex::new(db),
            start: (SystemTime::now(), Instant::now()),
            messages: broadcast::channel(pubsub::KEPT).0,
        }
    }

    /// Runs `work` on the data, alone, at one point in time.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Db) -> R) -> R {
        STATS.store_locks.add(1);
        let now = self.now();
        let (result, effects, messages) = self.db.with_lock(|db| {
            db.begin(now);
            let result = work(db);
            let messages = std::mem::take(&mut db.channels.unsent);
            (result, std::mem::take(&mut db.effects), messages)
        });
        for message in messages {
            STATS.messages_published.add(1);
            // Whoever has gone since it was counted does not miss it.
            drop(self.messages.send(message));
        }
        for client in effects.wake {
            STATS.wait_queue_wakes.add(1);
            client.wake();
        }
        result
    }

    /// All messages that are published from now on.
    pub(crate) fn listen(&self) -> Receiver<Arc<Message>> {
        self.messages.subscribe()
    }

    /// Removes keys whose time has come, as long as the server runs.
    pub(crate) async fn sweep(&self) {
        /// Keys removed under one taking of the lock.
        const CHUNK: usize = 256;
        loop {
            for keys in self.due.take().await.chunks(CHUNK) {
                // Under the lock: who sees that the keys are gone sees them counted.
                self.with(|db| STATS.keys_swept.add(db.sweep(keys)));
                pintle::future::yield_now().await;
            }
        }
    }

    fn now(&self) -> Millis {
        let (start, began) = self.start;
        let start = start
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let now = start.saturating_add(began.elapsed());
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }
}
