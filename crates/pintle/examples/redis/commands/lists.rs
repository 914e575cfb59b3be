//! LPUSH RPUSH LPOP RPOP LLEN LRANGE BLPOP

use std::sync::Arc;
use std::time::Duration;

use pintle::sync::WaitQueue;

use super::{Block, Call, Error, Flow, Result, integer};
use crate::resp::number;
use crate::resp::reply::Reply;
use crate::store::Side;

pub(super) fn lpush(call: &mut Call<'_>) -> Result {
    push(call, Side::Left)
}

pub(super) fn rpush(call: &mut Call<'_>) -> Result {
    push(call, Side::Right)
}

fn push(call: &mut Call<'_>, side: Side) -> Result {
    let len = call.db.push(call.args.get(1), side, call.args.from(2))?;
    call.out.int(i64::try_from(len).unwrap_or(i64::MAX));
    Ok(Flow::Next)
}

pub(super) fn lpop(call: &mut Call<'_>) -> Result {
    pop(call, Side::Left, "lpop")
}

pub(super) fn rpop(call: &mut Call<'_>) -> Result {
    pop(call, Side::Right, "rpop")
}

/// `LPOP key [count]`
fn pop(call: &mut Call<'_>, side: Side, name: &str) -> Result {
    const NOT_POSITIVE: Error = Error::new("ERR value is out of range, must be positive");
    let key = call.args.get(1);
    if call.args.len() > 3 {
        return Err(Error::arity(name));
    }
    if call.args.len() == 2 {
        match call.db.pop(key, side)? {
            Some(element) => call.out.bulk(&element),
            None => call.out.nil(),
        }
        return Ok(Flow::Next);
    }

    let count = number::parse(call.args.get(2))
        .and_then(|count| usize::try_from(count).ok())
        .ok_or(NOT_POSITIVE)?;
    let Some(len) = call.db.list(key)?.map(|list| list.len()) else {
        call.out.nil_array();
        return Ok(Flow::Next);
    };
    let count = count.min(len);
    call.out.array(count);
    for _ in 0..count {
        if let Some(element) = call.db.pop(key, side)? {
            call.out.bulk(&element);
        }
    }
    Ok(Flow::Next)
}

pub(super) fn llen(call: &mut Call<'_>) -> Result {
    let len = call.db.list(call.args.get(1))?.map_or(0, |list| list.len());
    call.out.int(i64::try_from(len).unwrap_or(i64::MAX));
    Ok(Flow::Next)
}

pub(super) fn lrange(call: &mut Call<'_>) -> Result {
    let (start, stop) = (integer(call.args.get(2))?, integer(call.args.get(3))?);
    let Some(list) = call.db.list(call.args.get(1))? else {
        call.out.array(0);
        return Ok(Flow::Next);
    };
    let len = i64::try_from(list.len()).unwrap_or(i64::MAX);
    // Negative positions count from the end.
    let from_front = |at: i64| {
        if at < 0 {
            at.saturating_add(len).max(0)
        } else {
            at.min(len)
        }
    };
    let start = from_front(start);
    let end = if stop < -len {
        0
    } else {
        from_front(stop).saturating_add(1).min(len)
    };
    let wanted = usize::try_from(end - start).unwrap_or(0);
    let skipped = usize::try_from(start).unwrap_or(0);
    call.out.array(wanted);
    for element in list.iter().skip(skipped).take(wanted) {
        call.out.bulk(element);
    }
    Ok(Flow::Next)
}

/// `BLPOP key [key …] timeout`
pub(super) fn blpop(call: &mut Call<'_>) -> Result {
    let keys = call.args.len() - 2;
    let timeout = timeout(call.args.get(call.args.len() - 1))?;
    for key in call.args.from(1).take(keys) {
        if let Some(element) = call.db.pop(key, Side::Left)? {
            call.out.array(2);
            call.out.bulk(key);
            call.out.bulk(&element);
            return Ok(Flow::Next);
        }
    }
    let ready = Arc::new(WaitQueue::new());
    let ticket = call
        .db
        .block(call.args.from(1).take(keys), Arc::clone(&ready));
    Ok(Flow::Block(Block {
        ticket,
        ready,
        timeout,
    }))
}

/// Seconds with a fraction; 0 is for ever.
fn timeout(text: &[u8]) -> std::result::Result<Option<Duration>, Error> {
    const NOT_A_FLOAT: Error = Error::new("ERR timeout is not a float or out of range");
    let seconds = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .filter(|seconds| !seconds.is_nan())
        .ok_or(NOT_A_FLOAT)?;
    if seconds < 0.0 {
        return Err(Error::new("ERR timeout is negative"));
    }
    // Redis keeps milliseconds in 64 bits and rounds up to them.
    let millis = (seconds * 1000.0).ceil();
    if millis >= i64::MAX as f64 {
        return Err(Error::new("ERR timeout is out of range"));
    }
    Ok((millis > 0.0).then(|| Duration::from_millis(millis as u64)))
}
