//! CONFIG COMMAND INFO

use super::{COMMANDS, Call, Command, Error, Flow, Result, table, unknown_subcommand};
use crate::config::{Change, PARAMETERS, Parameter, Unit};
use crate::resp::number;
use crate::resp::reply::Reply;

/// Parameters that redis-benchmark and redis-cli ask for and that are never
/// other than so here: nothing is written to disk.
const FIXED: [(&str, &str); 2] = [("appendonly", "no"), ("save", "")];

// --- CONFIG

pub(super) fn config(call: &mut Call<'_>) -> Result {
    let words = call.args.len();
    match call.args.get(1).to_ascii_lowercase().as_slice() {
        b"get" if words > 2 => config_get(call),
        b"get" => Err(Error::arity("config|get")),
        b"set" if words > 3 => config_set(call),
        b"set" => Err(Error::arity("config|set")),
        _ => Err(unknown_subcommand(call)),
    }
}

/// `CONFIG GET pattern [pattern …]`
fn config_get(call: &mut Call<'_>) -> Result {
    let settings = call.server.config.get();
    let value = |parameter: &Parameter| (parameter.get)(&settings).to_string();
    let fixed = FIXED.iter().map(|&(name, value)| (name, value.to_owned()));
    let mut found: Vec<(&str, String)> = PARAMETERS
        .iter()
        .map(|parameter| (parameter.name, value(parameter)))
        .chain(fixed)
        .filter(|(name, _)| {
            call.args
                .from(2)
                .any(|pattern| glob(pattern, name.as_bytes(), u8::eq_ignore_ascii_case))
        })
        .collect();
    found.sort_unstable();
    call.out.array(2 * found.len());
    for (name, value) in found {
        call.out.bulk(name.as_bytes());
        call.out.bulk(value.as_bytes());
    }
    Ok(Flow::Next)
}

/// `CONFIG SET parameter value [parameter value …]`: all of them or none.
fn config_set(call: &mut Call<'_>) -> Result {
    let mut changes: Vec<Change> = Vec::new();
    let mut words = call.args.from(2);
    if words.len() % 2 != 0 {
        return Err(Error::arity("config|set"));
    }
    while let (Some(name), Some(text)) = (words.next(), words.next()) {
        let named = |parameter: &&Parameter| name.eq_ignore_ascii_case(parameter.name.as_bytes());
        let Some(parameter) = PARAMETERS.iter().find(named) else {
            let name = String::from_utf8_lossy(name);
            let text =
                format!("ERR Unknown option or number of arguments for CONFIG SET - '{name}'");
            return Err(text.into());
        };
        let failed = |reason: &str| -> Error {
            let name = parameter.name;
            format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}")
                .into()
        };
        if changes
            .iter()
            .any(|(other, _)| std::ptr::eq(*other, parameter))
        {
            return Err(failed("duplicate parameter"));
        }
        changes.push((
            parameter,
            checked(parameter, text).map_err(|reason| failed(&reason))?,
        ));
    }
    call.out.simple("OK");
    Ok(Flow::Configure(changes))
}

fn checked(parameter: &Parameter, text: &[u8]) -> std::result::Result<u64, String> {
    let Parameter { min, max, .. } = *parameter;
    let value = match parameter.unit {
        Unit::Integer => {
            number::parse(text).ok_or("argument couldn't be parsed into an integer")?
        }
        Unit::Memory => memory(text).ok_or("argument must be a memory value")?,
    };
    u64::try_from(value)
        .ok()
        .filter(|value| (min..=max).contains(value))
        .ok_or_else(|| format!("argument must be between {min} and {max} inclusive"))
}

/// Bytes, with Redis's units.
fn memory(text: &[u8]) -> Option<i64> {
    let digits = text
        .iter()
        .position(|byte| byte.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let unit = match text[digits..].to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    number::parse(&text[..digits])?.checked_mul(unit)
}

/// Whether `text` fits `pattern`, by what `same` says of single bytes, in which `*` is any bytes and `?` any one.
pub(super) fn glob(pattern: &[u8], text: &[u8], same: fn(&u8, &u8) -> bool) -> bool {
    // The position after the last `*`, and the text that it has eaten so far:
    // where to go on when what follows does not fit.
    let mut star = None;
    let (mut p, mut t) = (0, 0);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
            }
            Some(&byte) if byte == b'?' || same(&byte, &text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((after, eaten)) => {
                    *eaten += 1;
                    (p, t) = (*after, *eaten);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

// --- COMMAND

pub(super) fn command(call: &mut Call<'_>) -> Result {
    if call.args.len() == 1 {
        call.out.array(COMMANDS.len());
        for command in &COMMANDS {
            describe(call.out, command);
        }
        return Ok(Flow::Next);
    }
    match call.args.get(1).to_ascii_lowercase().as_slice() {
        b"count" if call.args.len() == 2 => {
            call.out
                .int(i64::try_from(COMMANDS.len()).unwrap_or(i64::MAX));
        }
        b"count" => return Err(Error::arity("command|count")),
        b"list" if call.args.len() == 2 => {
            call.out.array(COMMANDS.len());
            for command in &COMMANDS {
                call.out.bulk(command.name.as_bytes());
            }
        }
        b"list" => return Err(Error::SYNTAX),
        b"info" => {
            let wanted = wanted(call);
            call.out.array(wanted.len());
            for command in wanted {
                match command {
                    Some(command) => describe(call.out, command),
                    None => call.out.nil_array(),
                }
            }
        }
        b"docs" => {
            let known: Vec<_> = wanted(call).into_iter().flatten().collect();
            call.out.array(2 * known.len());
            for command in known {
                document(call.out, command);
            }
        }
        _ => return Err(unknown_subcommand(call)),
    }
    Ok(Flow::Next)
}

/// The commands named after a subcommand, or all if none is named.
fn wanted(call: &Call<'_>) -> Vec<Option<&'static Command>> {
    match call.args.len() {
        2 => COMMANDS.iter().map(Some).collect(),
        _ => call.args.from(2).map(table::find).collect(),
    }
}

/// An element of COMMAND INFO, in the shape of Redis 7 with the parts empty
/// that matter to ACLs and clusters.
fn describe(out: &mut Vec<u8>, command: &Command) {
    let (first, last, step) = command.keys;
    out.array(10);
    out.bulk(command.name.as_bytes());
    out.int(command.arity);
    out.array(command.flags.len());
    for flag in command.flags {
        out.simple(flag);
    }
    for position in [first, last, step] {
        out.int(position);
    }
    for _ in 0..4 {
        out.array(0);
    }
}

/// A pair of COMMAND DOCS.
fn document(out: &mut Vec<u8>, command: &Command) {
    out.bulk(command.name.as_bytes());
    out.array(4);
    for text in ["summary", command.summary, "group", command.group] {
        out.bulk(text.as_bytes());
    }
}

// --- INFO

/// `INFO [section …]`
pub(super) fn info(call: &mut Call<'_>) -> Result {
    let asked = |section: &str| {
        let is = |word: &[u8], name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        call.args.len() == 1
            || call.args.from(1).any(|word| {
                is(word, section)
                    || is(word, "all")
                    || is(word, "everything")
                    || is(word, "default")
            })
    };
    let mut text = String::new();
    for (section, lines) in call.server.report(call.db) {
        if asked(section) {
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            text.push_str(&format!("# {section}\r\n"));
            for (name, value) in lines {
                text.push_str(&format!("{name}:{value}\r\n"));
            }
        }
    }
    call.out.bulk(text.as_bytes());
    Ok(Flow::Next)
}

#[cfg(test)]
mod tests {
    use super::{glob, memory};

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*", "save", true),
            ("s?ve", "save", true),
            ("*max*len", "proto-max-bulk-len", true),
            ("MAX*", "maxclients", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("save", "saves", false),
            ("", "save", false),
        ] {
            assert_eq!(
                glob(
                    pattern.as_bytes(),
                    text.as_bytes(),
                    u8::eq_ignore_ascii_case
                ),
                fits,
                "{pattern} {text}"
            );
        }
        // Where a matcher that recurses at each star does not come back.
        assert!(!glob(
            "a*".repeat(64).as_bytes(),
            "ab".repeat(60).as_bytes(),
            |a, b| a == b
        ));
    }

    #[test]
    fn memory_units() {
        assert_eq!(memory(b"1kb"), Some(1024));
        assert_eq!(memory(b"2K"), Some(2000));
        assert_eq!(memory(b"1GB"), Some(1 << 30));
        assert_eq!(memory(b"17"), Some(17));
        for bad in [
            b"".as_slice(),
            b"x",
            b"1xb",
            b"1 kb",
            b"9223372036854775807k",
        ] {
            assert_eq!(memory(bad), None);
        }
    }
}
