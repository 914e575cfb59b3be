//! The operations on the map that the commands are made of.

use std::collections::hash_map;

use super::{Db, Element, Entry, Key, List, Millis, Side, Value, WrongType};

impl Db {
    /// A batch begins at `now`.
    pub(super) fn begin(&mut self, now: Millis) {
        // Two threads may read the clock in one order and lock in the other.
        self.now = self.now.max(now);
        self.due = self.next_expiry().is_some_and(|at| at <= self.now);
    }

    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// How many keys have a time at which they expire.
    pub(crate) fn expiring(&self) -> usize {
        self.expiries.len()
    }

    pub(crate) fn flush(&mut self) {
        self.map.clear();
        self.expiries.clear();
        self.due = false;
    }

    // --- any value

    pub(crate) fn contains(&mut self, key: &[u8]) -> bool {
        self.live(key).is_some()
    }

    pub(crate) fn remove(&mut self, key: &[u8]) -> bool {
        let live = self.contains(key);
        self.discard(key);
        live
    }

    /// When `key` expires. The outer `None`: there is no such key.
    pub(crate) fn expiry(&mut self, key: &[u8]) -> Option<Option<Millis>> {
        self.live(key).map(|entry| entry.expires)
    }

    /// Has an existing key expire at `at`, or never. A time that has passed
    /// removes the key at the next look at it.
    pub(crate) fn set_expiry(&mut self, key: &[u8], at: Option<Millis>) {
        let Some((key, entry)) = self.map.get_key_value(key) else {
            return;
        };
        let (key, before) = (Key::clone(key), entry.expires);
        if let Some(before) = before {
            self.expiries.remove(&(before, Key::clone(&key)));
        }
        if let Some(entry) = self.map.get_mut(&key) {
            entry.expires = at;
        }
        if let Some(at) = at {
            self.due |= at <= self.now;
            self.effects.sooner |= self.next_expiry().is_none_or(|first| at < first);
            self.expiries.insert((at, key));
        }
    }

    // --- strings

    pub(crate) fn string(&mut self, key: &[u8]) -> Result<Option<&mut Vec<u8>>, WrongType> {
        match self.live(key).map(|entry| &mut entry.value) {
            None => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text)),
            Some(Value::List(_)) => Err(WrongType),
        }
    }

    /// Sets `key`, whatever it held, to a string that does not expire.
    pub(crate) fn set(&mut self, key: &[u8], text: &[u8]) {
        let Some(entry) = self.map.get_mut(key) else {
            self.insert(key, Value::Str(text.to_vec()));
            return;
        };
        match &mut entry.value {
            Value::Str(old) => {
                old.clear();
                old.extend_from_slice(text);
            }
            value => *value = Value::Str(text.to_vec()),
        }
        if entry.expires.is_some() {
            self.set_expiry(key, None);
        }
    }

    // --- lists

    pub(crate) fn list(&mut self, key: &[u8]) -> Result<Option<&List>, WrongType> {
        match self.live(key).map(|entry| &entry.value) {
            None => Ok(None),
            Some(Value::List(list)) => Ok(Some(list)),
            Some(Value::Str(_)) => Err(WrongType),
        }
    }

    /// Pushes elements one by one, then gives to clients that are blocked on
    /// `key`. The list's length in between.
    pub(crate) fn push<'e>(
        &mut self,
        key: &[u8],
        side: Side,
        elements: impl Iterator<Item = &'e [u8]>,
    ) -> Result<usize, WrongType> {
        let list = match self.live(key) {
            Some(Entry {
                value: Value::List(list),
                ..
            }) => list,
            Some(_) => return Err(WrongType),
            None => match self.insert(key, Value::List(List::new())) {
                Value::List(list) => list,
                Value::Str(_) => return Err(WrongType),
            },
        };
        for element in elements {
            match side {
                Side::Left => list.push_front(element.into()),
                Side::Right => list.push_back(element.into()),
            }
        }
        let len = list.len();
        self.serve(key);
        Ok(len)
    }

    /// Pops one element; a list that it leaves empty goes.
    pub(crate) fn pop(&mut self, key: &[u8], side: Side) -> Result<Option<Element>, WrongType> {
        let list = match self.live(key) {
            None => return Ok(None),
            Some(Entry {
                value: Value::List(list),
                ..
            }) => list,
            Some(_) => return Err(WrongType),
        };
        let element = match side {
            Side::Left => list.pop_front(),
            Side::Right => list.pop_back(),
        };
        if list.is_empty() {
            self.discard(key);
        }
        Ok(element)
    }

    // --- expiry

    pub(super) fn next_expiry(&self) -> Option<Millis> {
        self.expiries.first().map(|&(at, _)| at)
    }

    /// Removes up to `limit` keys whose time has come; how many it found.
    pub(super) fn sweep(&mut self, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit && self.next_expiry().is_some_and(|at| at <= self.now) {
            if let Some((_, key)) = self.expiries.pop_first() {
                self.map.remove(&key);
                removed += 1;
            }
        }
        removed
    }

    /// The entry of `key`, unless its time has come.
    pub(super) fn live(&mut self, key: &[u8]) -> Option<&mut Entry> {
        // The second look-up is paid only while something is due.
        if self.due {
            let expires = self.map.get(key).and_then(|entry| entry.expires);
            if expires.is_some_and(|at| at <= self.now) {
                self.discard(key);
            }
        }
        self.map.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: &[u8], value: Value) -> &mut Value {
        let entry = Entry {
            value,
            expires: None,
        };
        match self.map.entry(Key::from(key)) {
            hash_map::Entry::Occupied(mut old) => {
                old.insert(entry);
                &mut old.into_mut().value
            }
            hash_map::Entry::Vacant(free) => &mut free.insert(entry).value,
        }
    }

    fn discard(&mut self, key: &[u8]) {
        if let Some((key, entry)) = self.map.remove_entry(key) {
            if let Some(at) = entry.expires {
                self.expiries.remove(&(at, key));
            }
        }
    }
}
