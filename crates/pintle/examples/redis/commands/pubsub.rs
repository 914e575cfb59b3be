//! PUBLISH PUBSUB SUBSCRIBE UNSUBSCRIBE

use super::settings::glob;
use super::{Call, Error, Flow, Result, unknown_subcommand};
use crate::pubsub::Session;
use crate::resp::reply::Reply;

/// What a client that has subscribed may still ask for.
pub(super) fn is_allowed(command: &str) -> bool {
    matches!(
        command,
        "ping" | "quit" | "reset" | "subscribe" | "unsubscribe"
    )
}

pub(super) fn not_allowed(command: &str) -> Error {
    format!(
        "ERR Can't execute '{command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
         are allowed in this context"
    )
    .into()
}

/// `SUBSCRIBE channel [channel …]`: a reply for each.
pub(super) fn subscribe(call: &mut Call<'_>) -> Result {
    for channel in call.args.from(1) {
        call.session.subscribe(call.db, &call.server.store, channel);
        confirm(call.out, "subscribe", Some(channel), call.session);
    }
    Ok(Flow::Next)
}

/// `UNSUBSCRIBE [channel …]`: a reply for each; without one, for each that there is.
pub(super) fn unsubscribe(call: &mut Call<'_>) -> Result {
    if call.args.len() > 1 {
        for channel in call.args.from(1) {
            call.session.unsubscribe(call.db, channel);
            confirm(call.out, "unsubscribe", Some(channel), call.session);
        }
        return Ok(Flow::Next);
    }
    if !call.session.is_subscribed() {
        confirm(call.out, "unsubscribe", None, call.session);
    }
    while let Some(channel) = call.session.unsubscribe_one(call.db) {
        confirm(call.out, "unsubscribe", Some(&channel), call.session);
    }
    Ok(Flow::Next)
}

/// `PUBLISH channel message`: how many clients will get it.
pub(super) fn publish(call: &mut Call<'_>) -> Result {
    let receivers = call.db.publish(call.args.get(1), call.args.get(2));
    call.out.int(i64::try_from(receivers).unwrap_or(i64::MAX));
    Ok(Flow::Next)
}

/// `PUBSUB CHANNELS [pattern]`, `PUBSUB NUMSUB [channel …]`, `PUBSUB NUMPAT`
pub(super) fn pubsub(call: &mut Call<'_>) -> Result {
    let words = call.args.len();
    match call.args.get(1).to_ascii_lowercase().as_slice() {
        b"channels" if words <= 3 => {
            let fits =
                |channel: &&[u8]| words < 3 || glob(call.args.get(2), channel, |a, b| a == b);
            let channels: Vec<&[u8]> = call.db.channels().filter(fits).collect();
            call.out.array(channels.len());
            for channel in channels {
                call.out.bulk(channel);
            }
        }
        b"numsub" => {
            call.out.array(2 * (words - 2));
            for channel in call.args.from(2) {
                let subscribers = call.db.subscribers(channel);
                call.out.bulk(channel);
                call.out.int(i64::try_from(subscribers).unwrap_or(i64::MAX));
            }
        }
        // There are no patterns to subscribe to.
        b"numpat" if words == 2 => call.out.int(0),
        b"channels" => {
            let shown = String::from_utf8_lossy(call.args.get(1));
            return Err(format!(
                "ERR unknown subcommand or wrong number of arguments for '{shown}'. Try PUBSUB HELP."
            )
            .into());
        }
        b"numpat" => return Err(Error::arity("pubsub|numpat")),
        _ => return Err(unknown_subcommand(call)),
    }
    Ok(Flow::Next)
}

/// The reply to one channel of SUBSCRIBE and UNSUBSCRIBE.
fn confirm(out: &mut Vec<u8>, what: &str, channel: Option<&[u8]>, session: &Session) {
    out.array(3);
    out.bulk(what.as_bytes());
    match channel {
        Some(channel) => out.bulk(channel),
        None => out.nil(),
    }
    out.int(i64::try_from(session.channels()).unwrap_or(i64::MAX));
}
