//! PING ECHO QUIT RESET SELECT

use super::{Call, Error, Flow, Result, integer};
use crate::resp::reply::Reply;

pub(super) fn ping(call: &mut Call<'_>) -> Result {
    match call.args.len() {
        // In the form of a message, as all that a subscriber gets.
        1 | 2 if call.session.is_subscribed() => {
            call.out.array(2);
            call.out.bulk(b"pong");
            match call.args.len() {
                1 => call.out.bulk(b""),
                _ => call.out.bulk(call.args.get(1)),
            }
        }
        1 => call.out.simple("PONG"),
        2 => call.out.bulk(call.args.get(1)),
        _ => return Err(Error::arity("ping")),
    }
    Ok(Flow::Next)
}

pub(super) fn echo(call: &mut Call<'_>) -> Result {
    call.out.bulk(call.args.get(1));
    Ok(Flow::Next)
}

pub(super) fn quit(call: &mut Call<'_>) -> Result {
    call.out.simple("OK");
    Ok(Flow::Close)
}

pub(super) fn reset(call: &mut Call<'_>) -> Result {
    while call.session.unsubscribe_one(call.db).is_some() {}
    call.out.simple("RESET");
    Ok(Flow::Next)
}

/// There is one database. Clients that name it are told so, not refused.
pub(super) fn select(call: &mut Call<'_>) -> Result {
    if integer(call.args.get(1))? != 0 {
        return Err(Error::new("ERR DB index is out of range"));
    }
    call.out.simple("OK");
    Ok(Flow::Next)
}
