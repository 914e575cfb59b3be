//! DEL EXISTS EXPIRE TTL DBSIZE FLUSHALL

use super::{Call, Error, Flow, Result, integer};
use crate::resp::reply::Reply;

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

    let now = i64::try_from(call.db.now()).map_err(|_| INVALID)?;
    let at = integer(call.args.get(2))?
        .checked_mul(1000)
        .and_then(|lives| now.checked_add(lives))
        .ok_or(INVALID)?;
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

pub(super) fn ttl(call: &mut Call<'_>) -> Result {
    let seconds = match call.db.expiry(call.args.get(1)) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => {
            let lives = at.saturating_sub(call.db.now());
            i64::try_from(lives.saturating_add(500) / 1000).unwrap_or(i64::MAX)
        }
    };
    call.out.int(seconds);
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
