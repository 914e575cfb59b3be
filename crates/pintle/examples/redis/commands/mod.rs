//! The commands: a table, and the way from a request to its handler.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use pintle::sync::WaitQueue;

use crate::config::Change;
use crate::pubsub::Session;
use crate::resp::reply::Reply;
use crate::resp::{Args, number};
use crate::server::Server;
use crate::stats::STATS;
use crate::store::blocked::Ticket;
use crate::store::{Db, WrongType};

mod connection;
mod keys;
mod lists;
mod pubsub;
mod settings;
mod strings;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use table::{COMMANDS, Command};

/// A request in execution: under the store's lock, its reply appended to `out`.
pub(crate) struct Call<'a> {
    pub(crate) args: Args<'a>,
    pub(crate) db: &'a mut Db,
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) server: &'a Server,
    pub(crate) session: &'a mut Session,
}

/// How a connection goes on after a request.
pub(crate) enum Flow {
    /// With the next request.
    Next,
    /// It waits for an element; its reply is not written yet.
    Block(Block),
    /// It puts changed settings into force; its reply is written.
    Configure(Vec<Change>),
    /// It flushes its replies and closes.
    Close,
}

/// A client that BLPOP has queued.
pub(crate) struct Block {
    pub(crate) ticket: Ticket,
    pub(crate) ready: Arc<WaitQueue>,
    /// `None`: waits for ever.
    pub(crate) timeout: Option<Duration>,
}

/// An error reply: the text behind the `-`.
#[derive(Debug)]
pub(crate) struct Error(Cow<'static, [u8]>);

impl Error {
    const SYNTAX: Self = Self::new("ERR syntax error");
    const NOT_AN_INTEGER: Self = Self::new("ERR value is not an integer or out of range");

    const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }

    fn arity(name: &str) -> Self {
        format!("ERR wrong number of arguments for '{name}' command").into()
    }
}

impl From<String> for Error {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<WrongType> for Error {
    fn from(WrongType: WrongType) -> Self {
        Self::new("WRONGTYPE Operation against a key holding the wrong kind of value")
    }
}

type Result = std::result::Result<Flow, Error>;

/// Executes one request.
pub(crate) fn execute(mut call: Call<'_>) -> Flow {
    let name = call.args.name();
    let result = match table::find(name) {
        Some(command) if !command.accepts(call.args.len()) => Err(Error::arity(command.name)),
        Some(command) if call.session.is_subscribed() && !pubsub::is_allowed(command.name) => {
            Err(pubsub::not_allowed(command.name))
        }
        Some(command) => (command.run)(&mut call),
        // A browser that was made to post to this port, not a client.
        None if name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:") => {
            return Flow::Close;
        }
        None => Err(unknown(call.args)),
    };
    result.unwrap_or_else(|Error(text)| {
        STATS.total_error_replies.add(1);
        call.out.error(&text);
        Flow::Next
    })
}

fn unknown(args: Args<'_>) -> Error {
    /// Bytes of the name, and of the arguments together, that are repeated.
    const SHOWN: usize = 128;
    let cut = |text: &mut Vec<u8>, bytes: &[u8], limit: usize| {
        text.extend_from_slice(&bytes[..bytes.len().min(limit)]);
    };
    let mut text = b"ERR unknown command '".to_vec();
    cut(&mut text, args.name(), SHOWN);
    text.extend_from_slice(b"', with args beginning with: ");
    let start = text.len();
    for arg in args.from(1) {
        let shown = text.len() - start;
        if shown >= SHOWN {
            break;
        }
        text.push(b'\'');
        cut(&mut text, arg, SHOWN - shown);
        text.extend_from_slice(b"' ");
    }
    Error(text.into())
}

fn unknown_subcommand(call: &Call<'_>) -> Error {
    let shown = &call.args.get(1)[..call.args.get(1).len().min(128)];
    let parent = String::from_utf8_lossy(call.args.name()).to_ascii_uppercase();
    let mut text = b"ERR unknown subcommand '".to_vec();
    text.extend_from_slice(shown);
    text.extend_from_slice(format!("'. Try {parent} HELP.").as_bytes());
    Error(text.into())
}

fn integer(text: &[u8]) -> std::result::Result<i64, Error> {
    number::parse(text).ok_or(Error::NOT_AN_INTEGER)
}
