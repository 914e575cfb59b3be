//! Clients that wait in BLPOP for an element.
//!
//! Who pushes hands the elements over: still under the store's lock, an element
//! goes from the list to the client that has waited longest, as its *gift*, so
//! that no LPOP that comes in between can take it. The client sleeps on a
//! [`WaitQueue`], is woken when the lock is free, and fetches its gift.
//!
//! ```text
//!            block()                 serve()                  collect()
//!   running ─────────▶ waiting ──────────────────▶ has a gift ──────────▶ running
//!                         │                            │
//!                         └── withdraw(): leaves ──────┴─ withdraw(): the gift goes back
//!                             its queues                  to the front, or to the next
//! ```
//!
//! A client leaves by [`Db::withdraw`] on every way out: served, timed out,
//! disconnected while waiting, disconnected with a gift it has not fetched.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pintle::sync::WaitQueue;

use super::{Db, Element, Key, List, Side, Value};

/// A client's place in the order of arrival.
pub(crate) type Ticket = u64;

/// # Invariants
///
/// - `queues[key]` holds a ticket exactly if that client has no gift and lists
///   `key`; no queue is empty.
#[derive(Debug, Default)]
pub(super) struct Blocked {
    issued: Ticket,
    clients: HashMap<Ticket, Client>,
    /// Tickets ascend, so a set's first is who has waited longest.
    pub(super) queues: HashMap<Key, BTreeSet<Ticket>>,
}

#[derive(Debug)]
struct Client {
    keys: Vec<Key>,
    gift: Option<(Key, Element)>,
    ready: Arc<WaitQueue>,
}

impl Db {
    /// How many clients are blocked.
    pub(crate) fn blocked(&self) -> usize {
        self.blocked.clients.len()
    }

    /// Queues a client behind all others on each of `keys`. It waits on
    /// `ready`, and must [`withdraw`](Self::withdraw) in the end.
    pub(crate) fn block<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k [u8]>,
        ready: Arc<WaitQueue>,
    ) -> Ticket {
        let blocked = &mut self.blocked;
        let ticket = blocked.issued;
        blocked.issued += 1;
        let keys: Vec<Key> = keys.map(Key::from).collect();
        for key in &keys {
            blocked
                .queues
                .entry(Key::clone(key))
                .or_default()
                .insert(ticket);
        }
        let client = Client {
            keys,
            gift: None,
            ready,
        };
        blocked.clients.insert(ticket, client);
        ticket
    }

    /// Takes what a woken client was given, and from which list.
    pub(crate) fn collect(&mut self, ticket: Ticket) -> Option<(Key, Element)> {
        self.blocked.clients.get_mut(&ticket)?.gift.take()
    }

    /// Ends a client's wait. A gift that it has not fetched goes back to where
    /// it came from, and from there to who waits next.
    pub(crate) fn withdraw(&mut self, ticket: Ticket) {
        let Some(client) = self.blocked.clients.remove(&ticket) else {
            return;
        };
        self.blocked.leave(ticket, &client.keys);
        let Some((key, element)) = client.gift else {
            return;
        };
        match self.live(&key).map(|entry| &mut entry.value) {
            Some(Value::List(list)) => list.push_front(element),
            // Something else was put in the list's place meanwhile; the element
            // would have been gone with it.
            Some(Value::Str(_)) => return,
            None => {
                self.insert(&key, Value::List(List::from([element])));
            }
        }
        self.serve(&key);
    }

    /// Gives elements of `key` to its blocked clients, the longest waiting
    /// first, until one or the other runs out.
    pub(super) fn serve(&mut self, key: &[u8]) {
        while let Some(ticket) = self.blocked.first(key) {
            let Ok(Some(element)) = self.pop(key, Side::Left) else {
                return;
            };
            let blocked = &mut self.blocked;
            let client = blocked
                .clients
                .get_mut(&ticket)
                .expect("a ticket in a queue has its client");
            client.gift = Some((Key::from(key), element));
            self.effects.wake.push(Arc::clone(&client.ready));
            let keys = std::mem::take(&mut client.keys);
            blocked.leave(ticket, &keys);
        }
    }
}

impl Blocked {
    fn first(&self, key: &[u8]) -> Option<Ticket> {
        // Nobody is blocked nearly always: spare that case the hash.
        if self.queues.is_empty() {
            return None;
        }
        self.queues.get(key)?.first().copied()
    }

    fn leave(&mut self, ticket: Ticket, keys: &[Key]) {
        for key in keys {
            if let Some(queue) = self.queues.get_mut(key) {
                queue.remove(&ticket);
                if queue.is_empty() {
                    self.queues.remove(key);
                }
            }
        }
    }
}
