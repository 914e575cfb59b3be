//! GET SET INCR MGET MSET

use super::{Call, Error, Flow, Result, integer};
use crate::resp::number;
use crate::resp::reply::Reply;
use crate::store::Millis;

pub(super) fn get(call: &mut Call<'_>) -> Result {
    match call.db.string(call.args.get(1))? {
        Some(text) => call.out.bulk(text),
        None => call.out.nil(),
    }
    Ok(Flow::Next)
}

/// `SET key value [NX | XX] [EX seconds | PX milliseconds]`
pub(super) fn set(call: &mut Call<'_>) -> Result {
    let (key, text) = (call.args.get(1), call.args.get(2));
    if call.args.len() == 3 {
        call.db.set(key, text);
        call.out.simple("OK");
        return Ok(Flow::Next);
    }

    let options = Options::read(call)?;
    let expires = options.expires(call.db.now())?;
    let write = match options.only_if {
        None => true,
        Some(exists) => call.db.contains(key) == exists,
    };
    if write {
        call.db.set(key, text);
        if expires.is_some() {
            call.db.set_expiry(key, expires);
        }
        call.out.simple("OK");
    } else {
        call.out.nil();
    }
    Ok(Flow::Next)
}

/// SET's options.
#[derive(Default)]
struct Options<'a> {
    /// Only if the key exists (XX), or does not (NX).
    only_if: Option<bool>,
    /// The time to live and the milliseconds in its unit.
    lives: Option<(&'a [u8], i64)>,
}

impl<'a> Options<'a> {
    fn read(call: &Call<'a>) -> std::result::Result<Self, Error> {
        let mut options = Options::default();
        let mut words = call.args.from(3);
        while let Some(word) = words.next() {
            let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
            if (is("nx") || is("xx")) && options.only_if.is_none_or(|exists| exists == is("xx")) {
                options.only_if = Some(is("xx"));
            } else if is("ex") || is("px") {
                let unit = if is("ex") { 1000 } else { 1 };
                if options.lives.is_some_and(|(_, other)| other != unit) {
                    return Err(Error::SYNTAX);
                }
                options.lives = Some((words.next().ok_or(Error::SYNTAX)?, unit));
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }

    fn expires(&self, now: Millis) -> std::result::Result<Option<Millis>, Error> {
        const INVALID: Error = Error::new("ERR invalid expire time in 'set' command");
        let Some((text, unit)) = self.lives else {
            return Ok(None);
        };
        let lives = integer(text)?.checked_mul(unit).ok_or(INVALID)?;
        if lives <= 0 {
            return Err(INVALID);
        }
        // Redis keeps times in 63 bits: what it refuses is refused here.
        let now = i64::try_from(now).map_err(|_| INVALID)?;
        let at = now.checked_add(lives).ok_or(INVALID)?;
        u64::try_from(at).map(Some).map_err(|_| INVALID)
    }
}

pub(super) fn incr(call: &mut Call<'_>) -> Result {
    const OVERFLOW: Error = Error::new("ERR increment or decrement would overflow");
    let key = call.args.get(1);
    let value = match call.db.string(key)? {
        Some(text) => {
            let value = integer(text)?.checked_add(1).ok_or(OVERFLOW)?;
            // In place: INCR keeps the key's expiry.
            text.clear();
            number::write(text, value);
            value
        }
        None => {
            call.db.set(key, b"1");
            1
        }
    };
    call.out.int(value);
    Ok(Flow::Next)
}

pub(super) fn mget(call: &mut Call<'_>) -> Result {
    let keys = call.args.from(1);
    call.out.array(keys.len());
    for key in keys {
        match call.db.string(key) {
            Ok(Some(text)) => call.out.bulk(text),
            // A key of another type counts as none.
            Ok(None) | Err(_) => call.out.nil(),
        }
    }
    Ok(Flow::Next)
}

pub(super) fn mset(call: &mut Call<'_>) -> Result {
    let mut words = call.args.from(1);
    if words.len() % 2 != 0 {
        return Err(Error::arity("mset"));
    }
    while let (Some(key), Some(text)) = (words.next(), words.next()) {
        call.db.set(key, text);
    }
    call.out.simple("OK");
    Ok(Flow::Next)
}
