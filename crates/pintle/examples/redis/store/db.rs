//! The operations on the map that the commands are made of.

use std::collections::hash_map;

use super::{Db, Element, Entry, Expiry, Key, List, Millis, Side, Value, WrongType};

impl Db {
    /// A batch begins at `now`.
    pub(super) fn begin(&mut self, now: Millis) {
        // Two threads may read the clock in one order and lock in the other.
        self.now = self.now.max(now);
    }

    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// How many keys have a time at which they expire.
    pub(crate) fn expiring(&self) -> usize {
        self.expiring
    }

    pub(crate) fn flush(&mut self) {
        self.map.clear();
        self.expiring = 0;
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
        let entry = self.live(key)?;
        Some(entry.expires.as_ref().map(|expiry| expiry.at))
    }

    /// Has an existing key expire at `at`, or never.
    pub(crate) fn set_expiry(&mut self, key: &[u8], at: Option<Millis>) {
        let expires = at.and_then(|at| {
            let (key, _) = self.map.get_key_value(key)?;
            Some(Expiry::start(at, self.now, Key::clone(key), &self.due))
        });
        if let Some(entry) = self.map.get_mut(key) {
            self.expiring += usize::from(expires.is_some());
            self.expiring -= usize::from(entry.expires.is_some());
            entry.expires = expires;
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

    /// Removes those of `keys` whose time has come; how many it found.
    pub(super) fn sweep(&mut self, keys: &[Key]) -> usize {
        let mut removed = 0;
        for key in keys {
            if self
                .map
                .get(key)
                .is_some_and(|entry| entry.is_over(self.now))
            {
                self.discard(key);
                removed += 1;
            }
        }
        removed
    }

    /// The entry of `key`, unless its time has come. The sweeper will remove it then.
    pub(super) fn live(&mut self, key: &[u8]) -> Option<&mut Entry> {
        let now = self.now;
        self.map.get_mut(key).filter(|entry| !entry.is_over(now))
    }

    pub(super) fn insert(&mut self, key: &[u8], value: Value) -> &mut Value {
        let entry = Entry {
            value,
            expires: None,
        };
        match self.map.entry(Key::from(key)) {
            hash_map::Entry::Occupied(mut old) => {
                let old_entry = old.insert(entry);
                self.expiring -= usize::from(old_entry.expires.is_some());
                &mut old.into_mut().value
            }
            hash_map::Entry::Vacant(free) => &mut free.insert(entry).value,
        }
    }

    fn discard(&mut self, key: &[u8]) {
        if let Some(entry) = self.map.remove(key) {
            self.expiring -= usize::from(entry.expires.is_some());
        }
    }
}

impl Entry {
    fn is_over(&self, now: Millis) -> bool {
        self.expires.as_ref().is_some_and(|expiry| expiry.at <= now)
    }
}
