//! Every command's name, arity and handler, and what COMMAND tells of it.

use super::{Call, Result, connection, keys, lists, pubsub, settings, strings};

/// One row.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// Arguments with the name: exactly that many, or at least `-arity`.
    pub(crate) arity: i64,
    pub(crate) flags: &'static [&'static str],
    /// The first and last argument that is a key, and the step between keys.
    pub(crate) keys: (i64, i64, i64),
    pub(crate) group: &'static str,
    pub(crate) summary: &'static str,
    pub(super) run: fn(&mut Call<'_>) -> Result,
}

impl Command {
    pub(super) fn accepts(&self, args: usize) -> bool {
        let args = i64::try_from(args).unwrap_or(i64::MAX);
        match self.arity {
            exact @ 0.. => args == exact,
            at_least => args >= -at_least,
        }
    }
}

const NO_KEYS: (i64, i64, i64) = (0, 0, 0);
const ONE_KEY: (i64, i64, i64) = (1, 1, 1);
const ALL_KEYS: (i64, i64, i64) = (1, -1, 1);

/// Builds a row; keeps the table below a table.
const fn row(
    name: &'static str,
    arity: i64,
    flags: &'static [&'static str],
    keys: (i64, i64, i64),
    group: &'static str,
    summary: &'static str,
    run: fn(&mut Call<'_>) -> Result,
) -> Command {
    Command {
        name,
        arity,
        flags,
        keys,
        group,
        summary,
        run,
    }
}

/// All commands, sorted by name.
#[rustfmt::skip]
pub(crate) static COMMANDS: [Command; 33] = [
    row("blpop", -3, &["write", "noscript", "blocking"], (1, -2, 1), "list", "Removes and returns the first element in a list, blocking until one is available", lists::blpop),
    row("command", -1, &["loading", "stale"], NO_KEYS, "server", "Returns detailed information about all commands", settings::command),
    row("config", -2, &["admin", "noscript", "loading", "stale"], NO_KEYS, "server", "Gets and sets configuration parameters", settings::config),
    row("dbsize", 1, &["readonly", "fast"], NO_KEYS, "server", "Returns the number of keys", keys::dbsize),
    row("del", -2, &["write"], ALL_KEYS, "generic", "Deletes one or more keys", keys::del),
    row("echo", 2, &["fast"], NO_KEYS, "connection", "Returns the given string", connection::echo),
    row("exists", -2, &["readonly", "fast"], ALL_KEYS, "generic", "Counts the keys that exist", keys::exists),
    row("expire", -3, &["write", "fast"], ONE_KEY, "generic", "Sets the seconds after which a key expires", keys::expire),
    row("flushall", -1, &["write"], NO_KEYS, "server", "Removes all keys", keys::flushall),
    row("get", 2, &["readonly", "fast"], ONE_KEY, "string", "Returns the string value of a key", strings::get),
    row("incr", 2, &["write", "denyoom", "fast"], ONE_KEY, "string", "Increments the integer value of a key by one", strings::incr),
    row("info", -1, &["loading", "stale"], NO_KEYS, "server", "Returns the counters of the server and of each crate it is made of", settings::info),
    row("llen", 2, &["readonly", "fast"], ONE_KEY, "list", "Returns the length of a list", lists::llen),
    row("lpop", -2, &["write", "fast"], ONE_KEY, "list", "Removes and returns the first elements of a list", lists::lpop),
    row("lpush", -3, &["write", "denyoom", "fast"], ONE_KEY, "list", "Prepends one or more elements to a list", lists::lpush),
    row("lrange", 4, &["readonly"], ONE_KEY, "list", "Returns a range of elements from a list", lists::lrange),
    row("mget", -2, &["readonly", "fast"], ALL_KEYS, "string", "Returns the string values of one or more keys", strings::mget),
    row("mset", -3, &["write", "denyoom"], (1, -1, 2), "string", "Sets the string values of one or more keys, all at once", strings::mset),
    row("persist", 2, &["write", "fast"], ONE_KEY, "generic", "Has a key expire no more", keys::persist),
    row("pexpire", -3, &["write", "fast"], ONE_KEY, "generic", "Sets the milliseconds after which a key expires", keys::pexpire),
    row("ping", -1, &["fast"], NO_KEYS, "connection", "Returns PONG, or the given string", connection::ping),
    row("pttl", 2, &["readonly", "fast"], ONE_KEY, "generic", "Returns the milliseconds after which a key expires", keys::pttl),
    row("publish", 3, &["pubsub", "loading", "stale", "fast"], NO_KEYS, "pubsub", "Posts a message to a channel", pubsub::publish),
    row("pubsub", -2, &[], NO_KEYS, "pubsub", "Tells of channels and their subscribers", pubsub::pubsub),
    row("quit", -1, &["noscript", "loading", "stale", "fast"], NO_KEYS, "connection", "Closes the connection", connection::quit),
    row("reset", 1, &["noscript", "loading", "stale", "fast"], NO_KEYS, "connection", "Returns the connection to its first state", connection::reset),
    row("rpop", -2, &["write", "fast"], ONE_KEY, "list", "Removes and returns the last elements of a list", lists::rpop),
    row("rpush", -3, &["write", "denyoom", "fast"], ONE_KEY, "list", "Appends one or more elements to a list", lists::rpush),
    row("select", 2, &["loading", "stale", "fast"], NO_KEYS, "connection", "Selects database 0, the only one", connection::select),
    row("set", -3, &["write", "denyoom"], ONE_KEY, "string", "Sets the string value of a key", strings::set),
    row("subscribe", -2, &["pubsub", "noscript", "loading", "stale"], NO_KEYS, "pubsub", "Listens for messages published to channels", pubsub::subscribe),
    row("ttl", 2, &["readonly", "fast"], ONE_KEY, "generic", "Returns the seconds after which a key expires", keys::ttl),
    row("unsubscribe", -1, &["pubsub", "noscript", "loading", "stale"], NO_KEYS, "pubsub", "Stops listening to messages published to channels", pubsub::unsubscribe),
];

/// The command called `name`, in whatever case.
pub(crate) fn find(name: &[u8]) -> Option<&'static Command> {
    let mut lower = [0; 11];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let found = COMMANDS.binary_search_by(|command| command.name.as_bytes().cmp(lower));
    Some(&COMMANDS[found.ok()?])
}
