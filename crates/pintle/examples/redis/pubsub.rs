//! PUBLISH and SUBSCRIBE over one [`broadcast`] channel.
//!
//! ```text
//!   PUBLISH: under the store's lock           when it is free        each subscribed connection
//!   ┌──────────────────────────────┐  note   ┌───────────────────┐   ┌──────────────────────────┐
//!   │ counts the subscribers, and  │ ──────▶ │ broadcast::Sender │ ─▶│ Receiver: takes what is  │
//!   │ numbers the message          │         └───────────────────┘   │ of its channels, or lags │
//!   └──────────────────────────────┘                                 └──────────────────────────┘
//! ```
//!
//! All messages go through the same ring, so that who has subscribed to two channels gets the
//! messages of both in the order in which they were published, as from Redis. The price is that
//! a subscriber's task also wakes for messages that are not for it, which it drops unread; a
//! message that is for nobody is not sent at all. What is cloned is an `Arc`.
//!
//! Nobody waits for a slow subscriber. One that does not read while [`KEPT`] messages are published
//! has missed some, which the channel tells it ([`RecvError::Lagged`]): it is
//! disconnected, as Redis does when a subscriber's output buffer is full. So what a subscriber can cost is
//! bounded, and who is connected has had every message.
//!
//! A subscription begins with the number of the next message, taken under the store's lock: a message that was
//! counted without a subscriber does not come to it, though it may be sent after it has subscribed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pintle::sync::broadcast::{Receiver, RecvError, TryRecvError};

use crate::resp::reply::Reply;
use crate::store::{Db, Key, Store};

/// Messages that are kept for subscribers that are behind.
pub(crate) const KEPT: usize = 4096;

/// What was published.
#[derive(Debug)]
pub(crate) struct Message {
    number: u64,
    channel: Key,
    payload: Box<[u8]>,
}

/// Who listens to what, and what was published under this lock: part of the [`Db`].
#[derive(Debug, Default)]
pub(crate) struct Channels {
    /// How many clients have subscribed to a channel; never none.
    subscribers: HashMap<Key, usize>,
    published: u64,
    /// What is to be sent when the lock is free.
    pub(crate) unsent: Vec<Arc<Message>>,
}

/// What one connection has subscribed to.
///
/// # Invariants
///
/// - Each channel is counted once in the [`Db`].
/// - There is a receiver if and only if there is a channel; the connection may have taken it away to wait with it.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// Each with the number of the first message that is for this connection.
    channels: BTreeMap<Key, u64>,
    receiver: Option<Receiver<Arc<Message>>>,
}

/// A subscriber has missed messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lagged;

impl Db {
    /// Publishes a message. To how many clients.
    pub(crate) fn publish(&mut self, channel: &[u8], payload: &[u8]) -> usize {
        let channels = &mut self.channels;
        let number = channels.published;
        channels.published += 1;
        let Some((channel, &subscribers)) = channels.subscribers.get_key_value(channel) else {
            return 0;
        };
        channels.unsent.push(Arc::new(Message {
            number,
            channel: Key::clone(channel),
            payload: payload.into(),
        }));
        subscribers
    }

    /// How many clients have subscribed to a channel.
    pub(crate) fn subscribers(&self, channel: &[u8]) -> usize {
        self.channels.subscribers.get(channel).copied().unwrap_or(0)
    }

    /// All channels that somebody has subscribed to.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &[u8]> {
        self.channels.subscribers.keys().map(AsRef::as_ref)
    }

    /// How many messages have been published under this taking of the lock.
    pub(crate) fn unsent(&self) -> usize {
        self.channels.unsent.len()
    }
}

impl Session {
    /// How many channels it has subscribed to.
    pub(crate) fn channels(&self) -> usize {
        self.channels.len()
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        !self.channels.is_empty()
    }

    pub(crate) fn subscribe(&mut self, db: &mut Db, store: &Store, channel: &[u8]) {
        if self.channels.contains_key(channel) {
            return;
        }
        let channel = match db.channels.subscribers.get_key_value(channel) {
            Some((channel, _)) => Key::clone(channel),
            None => Key::from(channel),
        };
        *db.channels
            .subscribers
            .entry(Key::clone(&channel))
            .or_default() += 1;
        self.channels.insert(channel, db.channels.published);
        self.receiver.get_or_insert_with(|| store.listen());
    }

    pub(crate) fn unsubscribe(&mut self, db: &mut Db, channel: &[u8]) {
        if self.channels.remove(channel).is_none() {
            return;
        }
        if self.channels.is_empty() {
            self.receiver = None;
        }
        let subscribers = &mut db.channels.subscribers;
        match subscribers.get_mut(channel) {
            Some(others) if *others > 1 => *others -= 1,
            _ => drop(subscribers.remove(channel)),
        }
    }

    /// Unsubscribes from any channel: which.
    pub(crate) fn unsubscribe_one(&mut self, db: &mut Db) -> Option<Key> {
        let channel = Key::clone(self.channels.keys().next()?);
        self.unsubscribe(db, &channel);
        Some(channel)
    }

    /// The receiver, to wait with. [`put_back`](Self::put_back) ends that.
    pub(crate) fn take_receiver(&mut self) -> Option<Receiver<Arc<Message>>> {
        self.receiver.take()
    }

    pub(crate) fn put_back(&mut self, receiver: Option<Receiver<Arc<Message>>>) {
        self.receiver = receiver;
    }

    /// Writes a message, if it is for this connection.
    pub(crate) fn write(
        &self,
        received: Result<Arc<Message>, RecvError>,
        out: &mut Vec<u8>,
    ) -> Result<(), Lagged> {
        // The store keeps the sender, so the channel is not closed.
        let message = received.map_err(|_| Lagged)?;
        let since = self.channels.get(&message.channel);
        if since.is_some_and(|since| *since <= message.number) {
            out.array(3);
            out.bulk(b"message");
            out.bulk(&message.channel);
            out.bulk(&message.payload);
        }
        Ok(())
    }

    /// Writes the messages that have come, until `out` has grown beyond `limit`.
    pub(crate) fn write_all(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Lagged> {
        while out.len() <= limit {
            let Some(receiver) = &mut self.receiver else {
                return Ok(());
            };
            let message = match receiver.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
                Err(TryRecvError::Lagged(_)) => return Err(Lagged),
            };
            self.write(Ok(message), out)?;
        }
        Ok(())
    }
}
