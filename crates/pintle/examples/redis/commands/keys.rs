//! DEL EXISTS EXPIRE PEXPIRE PERSIST TTL PTTL DBSIZE FLUSHALL

use super::{Call, Error, Flow, Result, integer};
use crate::resp::reply::Reply;
use crate::store::Millis;

pub(super) fn del(call: &mut Call<'_>) -> Result {
    let mut removed = 0;
    for key in call.args.from(1) {
        removed += i64::from(call.db.remove(key));
    }
    call.out.int(removed);
    Ok(Flow::Next)
}

pub(super) fn exists(call: &mut Call<'_>) -> Result {
    let mut found = 0;
    for key in call.args.from(1) {
        found += i64::from(call.db.contains(key));
    }
    call.out.int(found);
    Ok(Flow::Next)
}

/// `EXPIRE key seconds [NX | XX | GT | LT]`
pub(super) fn expire(call: &mut Call<'_>) -> Result {
    const INVALID: Error = Error::new("ERR invalid expire time in 'expire' command");
    expire_in(call, 1000, INVALID)
}

/// `PEXPIRE key milliseconds [NX | XX | GT | LT]`
pub(super) fn pexpire(call: &mut Call<'_>) -> Result {
    const INVALID: Error = Error::new("ERR invalid expire time in 'pexpire' command");
    expire_in(call, 1, INVALID)
}

/// `unit` is in milliseconds.
fn expire_in(call: &mut Call<'_>, unit: i64, invalid: Error) -> Result {
    let (mut nx, mut xx, mut gt, mut lt) = (false, false, false, false);
    for word in call.args.from(3) {
        match word.to_ascii_lowercase().as_slice() {
            b"nx" => nx = true,
            b"xx" => xx = true,
            b"gt" => gt = true,
            b"lt" => lt = true,
            _ => {
                let word = String::from_utf8_lossy(word);
                return Err(format!("ERR Unsupported option {word}").into());
            }
        }
    }
    if nx && (xx || gt || lt) {
        return Err(Error::new(
            "ERR NX and XX, GT or LT options at the same time are not compatible",
        ));
    }
    if gt && lt {
        return Err(Error::new(
            "ERR GT and LT options at the same time are not compatible",
        ));
    }

    let lives = integer(call.args.get(2))?.checked_mul(unit);
    let now = i64::try_from(call.db.now()).ok();
    let at = now
        .zip(lives)
        .and_then(|(now, lives)| now.checked_add(lives));
    let at = at.ok_or(invalid)?;
    let key = call.args.get(1);
    let Some(before) = call.db.expiry(key) else {
        call.out.int(0);
        return Ok(Flow::Next);
    };
    // Never is later than any time.
    let before = before.map(|at| i64::try_from(at).unwrap_or(i64::MAX));
    let refused = (nx && before.is_some())
        || (xx && before.is_none())
        || (gt && before.is_none_or(|before| at <= before))
        || (lt && before.is_some_and(|before| at >= before));
    if refused {
        call.out.int(0);
        return Ok(Flow::Next);
    }
    match u64::try_from(at) {
        Ok(at) if at > call.db.now() => call.db.set_expiry(key, Some(at)),
        _ => drop(call.db.remove(key)),
    }
    call.out.int(1);
    Ok(Flow::Next)
}

pub(super) fn persist(call: &mut Call<'_>) -> Result {
    let key = call.args.get(1);
    let expires = call.db.expiry(key).flatten().is_some();
    if expires {
        call.db.set_expiry(key, None);
    }
    call.out.int(i64::from(expires));
    Ok(Flow::Next)
}

/// Rounded to the nearest second.
pub(super) fn ttl(call: &mut Call<'_>) -> Result {
    lives(call, |millis| millis.saturating_add(500) / 1000)
}

pub(super) fn pttl(call: &mut Call<'_>) -> Result {
    lives(call, |millis| millis)
}

fn lives(call: &mut Call<'_>, unit: fn(Millis) -> u64) -> Result {
    let lives = match call.db.expiry(call.args.get(1)) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => {
            let millis = at.saturating_sub(call.db.now());
            i64::try_from(unit(millis)).unwrap_or(i64::MAX)
        }
    };
    call.out.int(lives);
    Ok(Flow::Next)
}

pub(super) fn dbsize(call: &mut Call<'_>) -> Result {
    call.out
        .int(i64::try_from(call.db.len()).unwrap_or(i64::MAX));
    Ok(Flow::Next)
}

/// `FLUSHALL [ASYNC | SYNC]`
pub(super) fn flushall(call: &mut Call<'_>) -> Result {
    let known =
        |word: &[u8]| word.eq_ignore_ascii_case(b"async") || word.eq_ignore_ascii_case(b"sync");
    match call.args.len() {
        1 => {}
        2 if known(call.args.get(1)) => {}
        _ => return Err(Error::SYNTAX),
    }
    call.db.flush();
    call.out.simple("OK");
    Ok(Flow::Next)
}
